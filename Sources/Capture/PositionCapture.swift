package import LanguageModels
package import LinearAlgebra

/// Activations at every position of a probe: too many rows to hold, so each range of sequences that
/// a pass shows is a section of its own (METHODS section 2, rows `all`).
package struct PositionCapture {
  /// One activation at a range of sequences: row (s - first) · L + p is position p of sequence s.
  package struct Chunk: Sendable, Hashable {
    package let matrix: CapturedMatrix
    package let sequences: Range<Int>

    package init(matrix: CapturedMatrix, sequences: Range<Int>) {
      self.matrix = matrix
      self.sequences = sequences
    }

    package var section: String {
      "\(matrix.section)/\(sequences.lowerBound)-\(sequences.upperBound)"
    }
  }

  private let settings: CaptureSettings
  package let observation: Observation

  /// `settings` says which components and variants; its rows and heads are not used.
  package init(_ settings: CaptureSettings, length: Int) {
    var whole = settings
    whole.heads = false
    whole.rows = [.last]
    self.settings = whole
    observation = Observation(
      hooks: whole.observation(length: length).hooks, positions: Array(0..<length))
  }

  /// The matrices of one layer.
  package func matrices(layer: Int) -> [CapturedMatrix] {
    settings.matrices(layer: layer).map { name in
      var name = name
      name.rows = "all"
      return name
    }
  }

  /// What a pass shows, as chunks.
  package func chunks(of block: BlockObservation) -> [(Chunk, Matrix<Float>)] {
    matrices(layer: block.layer).compactMap { name in
      let hook: HookPoint =
        switch name.component {
        case .mlp: .mlp
        case .attention: .attention
        case .residual: .residual
        case .ov: name.variant == "default" ? .value : .publishedValue
        }
      guard let rows = block.rows[hook] else { return nil }
      return (
        Chunk(matrix: name, sequences: block.sequences),
        name.component == .ov ? rows.multiplied(byTransposeOf: block.outputProjection) : rows
      )
    }
  }

  /// The ranges of sequences that an artifact holds of `matrix`, ascending.
  package static func ranges(of matrix: CapturedMatrix, in artifact: Artifact) -> [Range<Int>] {
    let prefix = matrix.section + "/"
    return artifact.sectionNames.compactMap { name -> Range<Int>? in
      guard name.hasPrefix(prefix) else { return nil }
      let ends = name.dropFirst(prefix.count).split(separator: "-").compactMap { Int($0) }
      return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
    }.sorted { $0.lowerBound < $1.lowerBound }
  }
}
