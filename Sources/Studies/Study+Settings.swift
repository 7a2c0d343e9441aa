import Capture
import Files
import LanguageModels
import Metrics
import Statistics

extension Study {
  /// What the captures of this study hold, for a probe of sequences of `length` tokens.
  /// Without `configuration` only the rows count.
  func captureSettings(length: Int, of configuration: ModelConfiguration? = nil) -> CaptureSettings
  {
    CaptureSettings(
      components: Set(
        measure.components.compactMap { CaptureSettings.Component(rawValue: $0.rawValue) }),
      heads: measure.heads,
      // Another layout of heads than the true one exists only where they are interleaved.
      publishedLayout: measure.published && configuration?.interleavesHeads ?? true,
      rows: measure.rows.compactMap { rows in
        switch rows {
        case .last: .last
        case .all: nil
        case .sample(let count): .sample(samplePositions(count, length: length))
        }
      })
  }

  /// k positions of a sequence, drawn once with the study's seed and used everywhere.
  func samplePositions(_ count: Int, length: Int) -> [Int] {
    var generator = SeededGenerator(seed: seed ^ 0x706f_7369_7469_6f6e)
    return generator.sample(min(count, length), of: length).sorted()
  }

  static let halves = 200
  static let permutations = 1000

  /// How halves and pairings are drawn, for a unit's key.
  var resamplingWords: String {
    "\(Self.halves) halves, \(Self.permutations) pairings, seed \(seed)"
  }

  /// The halves and pairings of a probe's sequences, by the word of the column `rows`.
  func resampling(of batch: TokenBatch) -> [String: Resampling] {
    var resampling: [String: Resampling] = [:]
    for rows in captureSettings(length: batch.length).rows {
      resampling[rows.column] = Resampling(
        groups: RowGroups(
          sequences: batch.sequences, rowsPerSequence: rows.positions(length: batch.length).count),
        halves: Self.halves, permutations: Self.permutations, seed: seed)
    }
    return resampling
  }

  /// What the gradients of a checkpoint are taken of: each probe, or the batches of a file.
  func gradientBatches(_ inventory: StudyInventory, at step: Int) -> [GradientBatches] {
    if let batches = inventory.gradientBatches(at: step) { return [batches] }
    return inventory.probes.map { GradientBatches($0) }
  }
}

/// Similarities that are measured together: adding a measure leaves the others' artifacts alone.
enum SimilarityGroup: Sendable, Hashable {
  /// Both estimators of linear CKA with their intervals, null floor and influence.
  case cka
  /// One other measure.
  case measure(SimilarityMeasure)
  /// Linear CKA of every layer with every other.
  case layers

  var words: String {
    switch self {
    case .cka: "cka"
    case .measure(let measure): measure.rawValue
    case .layers: "layers"
    }
  }
}

extension MeasureSettings {
  var similarityGroups: [SimilarityGroup] {
    let others = similarity.compactMap(SimilarityMeasure.init).map(SimilarityGroup.measure)
    return similarity.contains { CKAEstimator(rawValue: $0) != nil } ? [.cka] + others : others
  }
}

extension ModelConfiguration {
  /// Everything that changes what a forward pass computes, for a unit's key.
  var words: String {
    [
      architecture, "d=\(hiddenSize)", "layers=\(layers)",
      "heads=\(heads)/\(keyValueHeads)x\(headSize)", "inner=\(intermediateSize)",
      "vocabulary=\(vocabulary)", "positions=\(positions)", "norm=\(norm)",
      "epsilon=\(normEpsilon)", "\(residual)", "activation=\(activation)",
      gatesMLP ? "gated" : "plain", normalisesQueriesAndKeys ? "qk norms" : "no qk norms",
      "clip=\(clip.map { "\($0)" } ?? "none")", hasQueryKeyValueBias ? "qkv bias" : "no qkv bias",
      hasOutputBias ? "output bias" : "no output bias", hasMLPBias ? "mlp bias" : "no mlp bias",
      tiesEmbeddings ? "tied" : "untied",
    ].joined(separator: " ")
  }

  /// The first thing in which this model is another than `other`, in words; `nil` for none.
  func difference(from other: ModelConfiguration) -> String? {
    guard self != other else { return nil }
    let fields: [(String, Int, Int)] = [
      ("hidden_size", hiddenSize, other.hiddenSize), ("num_hidden_layers", layers, other.layers),
      ("num_attention_heads", heads, other.heads),
      ("intermediate_size", intermediateSize, other.intermediateSize),
      ("vocab_size", vocabulary, other.vocabulary),
    ]
    for (name, own, wanted) in fields where own != wanted {
      return "\(name) is \(own), but \(wanted) at the run's final step; one run is one model"
    }
    return words == other.words
      ? nil
      : "the model is computed otherwise than at the run's final step (\(words) against \(other.words))"
  }
}
