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

  /// Keeps the value activations, a query head's own or shared one after the other, and what the
  /// published analysis takes for them, from the fused projection [rows, F].
  mutating func recordValues(of fused: FloatBuffer, _ layout: HeadLayout) {
    let (headSize, size) = (layout.headSize, layout.heads * layout.headSize)
    if observation.hooks.contains(.value) {
      collect(.value, columns: size) { row, target in
        for head in 0..<layout.heads {
          let value = fused.start + row * layout.width + layout.value(head)
          (target + head * headSize).update(from: value, count: headSize)
        }
      }
    }
    if observation.hooks.contains(.publishedValue) {
      precondition(
        layout.interleavesHeads, "the published layout of heads that are not interleaved")
      collect(.publishedValue, columns: size) { row, target in
        target.update(from: fused.start + row * layout.width + 2 * size, count: size)
      }
    }
  }

  /// What was recorded; throws where a recorded activation is not finite.
  func finished(outputProjection: Matrix<Float>) throws -> BlockObservation {
    for (hook, matrix) in rows where !VectorMath.allFinite(matrix.elements) {
      throw LanguageModelError.overflow(layer: layer, hook: hook)
    }
    return BlockObservation(
      layer: layer, sequences: sequences, rows: rows,
      outputProjection: outputProjection)
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
