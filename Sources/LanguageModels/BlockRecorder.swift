import LinearAlgebra

/// Copies the rows that an observation asks for out of a block's buffers.
struct BlockRecorder {
  private let observation: Observation
  private let layer: Int
  private let sequences: Range<Int>
  private let length: Int
  private var rows: [HookPoint: Matrix<Float>] = [:]

  init(_ observation: Observation, layer: Int, sequences: Range<Int>, length: Int) {
    self.observation = observation
    self.layer = layer
    self.sequences = sequences
    self.length = length
  }

  /// Keeps the rows asked for of `buffer`, [sequences · length, columns].
  mutating func record(_ hook: HookPoint, _ buffer: UnsafePointer<Float>, columns: Int) {
    guard observation.hooks.contains(hook) else { return }
    collect(hook, columns: columns) { row, target in
      target.update(from: buffer + row * columns, count: columns)
    }
  }

  /// Keeps the value activations, and what the published analysis takes for them, from the fused
  /// output of the query-key-value projection, [rows, 3d].
  mutating func recordValues(of fused: FloatBuffer, _ configuration: GPTNeoXConfiguration) {
    let (d, headSize) = (configuration.hiddenSize, configuration.headSize)
    if observation.hooks.contains(.value) {
      collect(.value, columns: d) { row, target in
        for head in 0..<configuration.heads {
          let value = fused.start + row * 3 * d + head * 3 * headSize + 2 * headSize
          (target + head * headSize).update(from: value, count: headSize)
        }
      }
    }
    if observation.hooks.contains(.publishedValue) {
      collect(.publishedValue, columns: d) { row, target in
        target.update(from: fused.start + row * 3 * d + 2 * d, count: d)
      }
    }
  }

  /// What was recorded; throws where a recorded activation is not finite.
  func finished(outputProjection: [Float], size: Int) throws -> BlockObservation {
    for (hook, matrix) in rows where !VectorMath.allFinite(matrix.elements) {
      throw LanguageModelError.overflow(layer: layer, hook: hook)
    }
    return BlockObservation(
      layer: layer, sequences: sequences, rows: rows,
      outputProjection: Matrix(rows: size, columns: size, elements: outputProjection))
  }

  private mutating func collect(
    _ hook: HookPoint, columns: Int, _ copy: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let positions = observation.positions
    var matrix = Matrix<Float>(rows: sequences.count * positions.count, columns: columns)
    matrix.elements.withUnsafeMutableBufferPointer { elements in
      guard var target = elements.baseAddress else { return }
      for sequence in 0..<sequences.count {
        for position in positions {
          copy(sequence * length + position, target)
          target += columns
        }
      }
    }
    rows[hook] = matrix
  }
}
