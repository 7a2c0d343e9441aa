import LanguageModels
import LinearAlgebra
import Testing

@Suite("Forward pass against a plain double-precision GPT-NeoX")
struct ForwardReferenceTests {
  static let configurations: [ModelConfiguration] =
    [
      TinyModel.configuration(parallel: false),
      TinyModel.configuration(attentionBias: false),
      TinyModel.configuration(tied: true),
      TinyModel.configuration(rotaryFraction: 1),
      TinyModel.configuration(rotaryFraction: 0),
      TinyModel.configuration(parallel: false, activation: .silu, attentionBias: false, tied: true),
    ] + Activation.allCases.map { TinyModel.configuration(activation: $0) }

  @Test("Logits, loss and every hook point agree", arguments: configurations)
  func agrees(_ configuration: ModelConfiguration) throws {
    let tiny = TinyModel(configuration)
    let (model, reference) = (try tiny.model(), tiny.reference)
    let batch = tiny.batch(sequences: 3, length: 9)
    let logits = try model.logits(batch)
    var seen: [Int: BlockObservation] = [:]
    let positions = [0, 4, 8]
    let result = try model.forward(
      batch, observing: Observation(hooks: Set(HookPoint.allCases), positions: positions)
    ) { seen[$0.layer] = $0 }
    #expect(abs(result.loss / reference.loss(batch) - 1) < 1e-6)
    #expect(result.targets == 24)
    for sequence in 0..<batch.sequences {
      let run = reference.run(batch.selecting(sequence..<sequence + 1).tokens)
      let rows = sequence * 9 * 37..<(sequence + 1) * 9 * 37
      #expect(largestDifference(logits.elements[rows], run.logits.elements) < 2e-5)
      for (layer, block) in run.blocks.enumerated() {
        let observed = try #require(seen[layer])
        for hook in HookPoint.allCases {
          let expected = positions.flatMap { block.activation(hook, configuration).row($0) }
          let found = try #require(observed.rows[hook])
          let part = found.elements[
            sequence * expected.count..<(sequence + 1) * expected.count]
          #expect(largestDifference(part, expected) < 2e-5, "layer \(layer), \(hook)")
        }
      }
    }
  }

  @Test("Queries are cut into blocks without a seam", arguments: [127, 128, 129, 300])
  func longSequences(length: Int) throws {
    let tiny = TinyModel(TinyModel.configuration())
    let batch = tiny.batch(sequences: 1, length: length)
    let logits = try tiny.model().logits(batch)
    #expect(
      largestDifference(logits.elements, tiny.reference.run(batch.tokens).logits.elements) < 3e-5)
  }
}

extension ReferenceNeoX.Block {
  func activation(_ hook: HookPoint, _ configuration: ModelConfiguration) -> Matrix<Double> {
    let (d, headSize) = (configuration.hiddenSize, configuration.headSize)
    switch hook {
    case .value:
      var values = Matrix<Double>(rows: fused.rows, columns: d)
      for row in 0..<fused.rows {
        for column in 0..<d {
          let (head, feature) = (column / headSize, column % headSize)
          values[row, column] = fused[row, (head * 3 + 2) * headSize + feature]
        }
      }
      return values
    case .publishedValue: return fused.selectingColumns(2 * d..<3 * d)
    case .attention: return attention
    case .mlp: return mlp
    case .residual: return output
    }
  }
}
