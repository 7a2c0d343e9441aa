package import LanguageModels
package import LinearAlgebra

/// Puts the activations that a pass shows, range of sequences by range of sequences, together into
/// whole matrices and hands them on layer by layer: one layer is in memory at a time.
package struct ActivationCapture {
  private let settings: CaptureSettings
  private let configuration: ModelConfiguration
  private let sequences: Int
  private let length: Int
  private let positions: [Int]
  private var pending: Pending?

  private struct Pending {
    let layer: Int
    var rows: [HookPoint: Matrix<Float>]
    var sequences: Int
  }

  /// A matrix that is complete.
  package struct Finished {
    package let name: CapturedMatrix
    package let matrix: Matrix<Float>
  }

  package let observation: Observation

  package init(
    _ settings: CaptureSettings, of configuration: ModelConfiguration, batch: TokenBatch
  ) {
    self.settings = settings
    self.configuration = configuration
    sequences = batch.sequences
    length = batch.length
    observation = settings.observation(length: batch.length)
    positions = observation.positions
  }

  /// Takes what a pass shows; returns the layer's matrices once its last sequence has come.
  package mutating func observe(_ block: BlockObservation) throws -> [Finished] {
    var pending = self.pending ?? Pending(layer: block.layer, rows: [:], sequences: 0)
    precondition(
      pending.layer == block.layer && pending.sequences == block.sequences.lowerBound,
      "layer \(block.layer), sequences \(block.sequences) after \(pending.sequences) of \(pending.layer)"
    )
    for (hook, part) in block.rows {
      var whole = pending.rows[hook] ?? Matrix(rows: 0, columns: part.columns)
      whole = Matrix(
        rows: whole.rows + part.rows, columns: part.columns,
        elements: whole.elements + part.elements)
      pending.rows[hook] = whole
    }
    pending.sequences = block.sequences.upperBound
    guard pending.sequences == sequences else {
      self.pending = pending
      return []
    }
    self.pending = nil
    return try finish(pending, outputProjection: block.outputProjection)
  }

  private func finish(
    _ layer: Pending, outputProjection: Matrix<Float>
  ) throws -> [Finished] {
    let projection =
      settings.components.contains(.ov)
      ? try HeadProjection(outputProjection, heads: configuration.heads, byHead: settings.heads)
      : nil
    var finished: [Finished] = []
    for selection in settings.rows {
      let chosen = rowIndices(of: selection)
      func rows(_ hook: HookPoint) -> Matrix<Float> {
        guard let whole = layer.rows[hook] else {
          preconditionFailure("\(hook.rawValue) of layer \(layer.layer) was not shown")
        }
        return chosen.count == whole.rows ? whole : whole.selectingRows(chosen)
      }
      for name in settings.matrices(layer: layer.layer) where name.rows == selection.column {
        let hook: HookPoint =
          switch name.component {
          case .mlp: .mlp
          case .attention: .attention
          case .residual: .residual
          case .ov: name.variant == "default" ? .value : .publishedValue
          }
        let activation = rows(hook)
        let matrix =
          switch name.form {
          case .layer:
            projection.map { name.component == .ov ? $0.project(activation) : activation }
              ?? activation
          case .heads: projection?.compress(activation) ?? activation
          }
        finished.append(Finished(name: name, matrix: matrix))
      }
    }
    return finished
  }

  /// Where the rows of `selection` lie among those that the pass shows.
  private func rowIndices(of selection: RowSelection) -> [Int] {
    let wanted = Set(selection.positions(length: length))
    let places = positions.indices.filter { wanted.contains(positions[$0]) }
    return (0..<sequences).flatMap { sequence in
      places.map { sequence * positions.count + $0 }
    }
  }
}
