import LinearAlgebra
import Testing

@testable import LanguageModels

@Suite("Laws of the forward pass")
struct ForwardLawTests {
  let tiny = TinyModel(TinyModel.configuration())
  let everything = Observation(hooks: Set(HookPoint.allCases), positions: [0, 5, 11])

  @Test("A logit depends on no later token")
  func causality() throws {
    let model = try tiny.model()
    let batch = tiny.batch(sequences: 1, length: 12)
    let logits = try model.logits(batch)
    var tokens = batch.tokens
    tokens[7] = (tokens[7] + 1) % 37
    let changed = try model.logits(TokenBatch(sequences: 1, length: 12, tokens: tokens))
    #expect(logits.elements[..<(7 * 37)] == changed.elements[..<(7 * 37)])
    for position in 7..<12 {
      let row = position * 37..<(position + 1) * 37
      #expect(logits.elements[row] != changed.elements[row], "position \(position)")
    }
  }

  @Test("Sequences do not see each other: a permuted batch gives permuted activations")
  func permutation() throws {
    let model = try tiny.model()
    let batch = tiny.batch(sequences: 4, length: 12)
    let order = [2, 0, 3, 1]
    let permuted = TokenBatch(
      sequences: 4, length: 12,
      tokens: order.flatMap { batch.selecting($0..<$0 + 1).tokens })
    let (first, second) = (try observe(model, batch), try observe(model, permuted))
    #expect(abs(first.loss - second.loss) < 1e-12)
    for (key, matrix) in first.rows {
      let expected = matrix.selectingRows(order.flatMap { s in (0..<3).map { s * 3 + $0 } })
      let found = try #require(second.rows[key])
      #expect(expected.elements == found.elements, "\(key)")
    }
  }

  @Test("Micro-batches give the numbers of the whole", arguments: [1, 2, 3, 5])
  func microBatches(size: Int) throws {
    let batch = tiny.batch(sequences: 5, length: 12)
    let whole = try observe(try tiny.model(), batch)
    var model = try tiny.model()
    model.microBatchTokens = size * 12
    let parts = try observe(model, batch)
    #expect(whole.loss == parts.loss)
    #expect(whole.rows == parts.rows)
  }

  @Test("Every number of threads gives the same bits", arguments: [2, 3, 8])
  func threads(width: Int) throws {
    let model = try tiny.model()
    let batch = tiny.batch(sequences: 40, length: 12)
    let single = try observe(model, batch)
    let many = try observe(model, batch, lanes: Lanes(width: width))
    #expect(single.loss == many.loss)
    #expect(single.rows == many.rows)
    #expect(try model.logits(batch) == model.logits(batch, lanes: Lanes(width: width)))
  }

  @Test("The observer gets the output projection of the layer")
  func outputProjection() throws {
    try tiny.model().forward(tiny.batch(sequences: 2, length: 12), observing: everything) { seen in
      let key = GPTNeoX.key(layer: seen.layer, "attention.dense.weight")
      #expect(seen.outputProjection.elements == tiny.weights.tensors[key]?.elements)
      #expect(seen.outputProjection.rows == 24)
    }
  }

  @Test("The observer sees layers in order and all sequences once")
  func order() throws {
    var model = try tiny.model()
    model.microBatchTokens = 24
    var seen: [(layer: Int, sequences: Range<Int>)] = []
    try model.forward(
      tiny.batch(sequences: 5, length: 12),
      observing: Observation(hooks: [.mlp], positions: [11])
    ) { seen.append(($0.layer, $0.sequences)) }
    #expect(seen.map(\.layer) == [0, 0, 0, 1, 1, 1])
    #expect(seen.map(\.sequences) == [0..<2, 2..<4, 4..<5, 0..<2, 2..<4, 4..<5])
  }

  private struct Seen: Equatable {
    var loss: Double
    var rows: [String: Matrix<Float>]
  }

  /// Every activation of a pass by "layer.hook", parts joined.
  private func observe(
    _ model: LanguageModel, _ batch: TokenBatch, lanes: Lanes = .single
  ) throws -> Seen {
    var rows: [String: Matrix<Float>] = [:]
    let result = try model.forward(batch, observing: everything, lanes: lanes) { seen in
      for (hook, part) in seen.rows {
        let key = "\(seen.layer).\(hook.rawValue)"
        let before = rows[key]?.elements ?? []
        rows[key] = Matrix(
          rows: seen.sequences.upperBound * 3, columns: part.columns,
          elements: before + part.elements)
      }
    }
    return Seen(loss: result.loss, rows: rows)
  }
}
