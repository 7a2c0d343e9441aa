/// One row of `results/runs.csv`: what is known of a training run. Where a study is a table measured
/// elsewhere, only what study.yaml says is known.
package struct RunDescription: Sendable, Equatable, TableRow {
  package var run: String
  /// All parameters, embeddings included.
  package var parameters: Int?
  package var layers: Int?
  package var heads: Int?
  package var hiddenSize: Int?
  package var headDimension: Int?
  package var intermediateSize: Int?
  package var vocabulary: Int?
  /// The number of checkpoints.
  package var steps: Int?
  /// The step of the reference, T; nil: the run's last step in the table.
  package var finalStep: Int?
  /// The ladder of sizes that the run belongs to; runs of one group with equal parameters are seeds.
  package var group: String
  /// The intervention; empty: the baseline.
  package var arm: String
  /// Parameters without the embedding and its transpose; not a column of the table.
  package var nonEmbeddingParameters: Int?
  /// Pairs an arm's runs with those of the baseline (C6); nil: the number after `seed` in the run's
  /// name. Not a column of the table.
  package var seed: Int?

  package init(
    run: String, parameters: Int? = nil, layers: Int? = nil, heads: Int? = nil,
    hiddenSize: Int? = nil, headDimension: Int? = nil, intermediateSize: Int? = nil,
    vocabulary: Int? = nil, steps: Int? = nil, finalStep: Int? = nil, group: String = "",
    arm: String = "", nonEmbeddingParameters: Int? = nil, seed: Int? = nil
  ) {
    self.run = run
    self.parameters = parameters
    self.layers = layers
    self.heads = heads
    self.hiddenSize = hiddenSize
    self.headDimension = headDimension
    self.intermediateSize = intermediateSize
    self.vocabulary = vocabulary
    self.steps = steps
    self.finalStep = finalStep
    self.group = group
    self.arm = arm
    self.seed = seed ?? Self.seed(in: run)
    // GPT-NeoX keeps the output embedding apart from the input's.
    self.nonEmbeddingParameters =
      nonEmbeddingParameters
      ?? { () -> Int? in
        guard let parameters, let hiddenSize, let vocabulary, hiddenSize >= 0, vocabulary >= 0
        else {
          return nil
        }
        let (embedding, isTooLarge) = hiddenSize.multipliedReportingOverflow(by: vocabulary)
        guard !isTooLarge, embedding <= Int.max / 2, parameters > 2 * embedding else { return nil }
        return parameters - 2 * embedding
      }()
  }

  private static func seed(in name: String) -> Int? {
    guard let range = name.ranges(of: "seed").last else { return nil }
    let digits = name[range.upperBound...].prefix { $0.isASCII && $0.isNumber }
    return digits.isEmpty ? nil : Int(digits)
  }

  package static let columns = [
    "run", "parameters", "layers", "heads", "hidden_size", "head_dim", "intermediate_size",
    "vocabulary", "steps", "final_step", "group", "arm",
  ]

  package var cells: [TableCell] {
    [
      .name(run), .integer(parameters), .integer(layers), .integer(heads), .integer(hiddenSize),
      .integer(headDimension), .integer(intermediateSize), .integer(vocabulary), .integer(steps),
      .integer(finalStep), .name(group), .name(arm),
    ]
  }
}
