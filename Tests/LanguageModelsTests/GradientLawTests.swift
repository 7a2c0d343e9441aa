import LinearAlgebra
import Testing

@testable import LanguageModels

@Suite("Laws of the backward pass")
struct GradientLawTests {
  static let deep = GPTNeoX.configuration(
    hiddenSize: 24, layers: 7, heads: 3, intermediateSize: 52, vocabulary: 37, context: 32,
    rotary: Rotary(dimensions: 2, base: 10_000))

  let tiny = TinyModel(Self.deep)
  var batch: TokenBatch { tiny.batch(sequences: 5, length: 12) }

  @Test(
    "The memory for activations changes no bit", arguments: [0, 18_000, 30_000, 60_000, 150_000])
  func memory(budget: Int) throws {
    let plenty = try collectGradients(tiny.model(), batch)
    let scarce = try collectGradients(tiny.model(), batch, activationMemory: budget)
    #expect(plenty.loss == scarce.loss)
    #expect(plenty.gradients == scarce.gradients)
  }

  @Test("Every number of threads gives the same bits", arguments: [2, 3, 8])
  func threads(width: Int) throws {
    let batch = tiny.batch(sequences: 40, length: 12)
    let single = try collectGradients(tiny.model(), batch)
    let many = try collectGradients(tiny.model(), batch, lanes: Lanes(width: width))
    #expect(single.loss == many.loss)
    #expect(single.gradients == many.gradients)
  }

  @Test("Micro-batches give the gradients of the whole, up to rounding", arguments: [1, 2, 3])
  func microBatches(size: Int) throws {
    let whole = try collectGradients(tiny.model(), batch)
    var model = try tiny.model()
    model.microBatchTokens = size * 12
    let parts = try collectGradients(model, batch, activationMemory: 20_000)
    #expect(whole.loss == parts.loss)
    for (name, gradient) in whole.gradients {
      let found = try #require(parts.gradients[name])
      #expect(relativeDistance(found, gradient.map(Double.init)) < 1e-5, "\(name)")
    }
  }

  @Test("The analysed matrices' gradients are the same without the others")
  func selection() throws {
    let all = try collectGradients(tiny.model(), batch)
    let analysed = try collectGradients(tiny.model(), batch, of: .analysed)
    #expect(analysed.gradients.count == 3 * 7)
    for (name, gradient) in analysed.gradients { #expect(gradient == all.gradients[name]) }
  }

  @Test("The forward half is the forward pass: same loss, same activations")
  func sharedForward() throws {
    let observation = Observation(hooks: Set(HookPoint.allCases), positions: [3, 11])
    var (alone, shared): ([[HookPoint: Matrix<Float>]], [[HookPoint: Matrix<Float>]]) = ([], [])
    let model = try tiny.model()
    let forward = try model.forward(batch, observing: observation) { alone.append($0.rows) }
    let backward = try model.gradients(
      batch, of: .analysed, observing: observation, observer: { shared.append($0.rows) },
      receiver: { _ in })
    #expect(forward.loss == backward.loss)
    #expect(alone == shared)
  }

  @Test("Gradients come head first, then the last layer to the first, with their weights")
  func order() throws {
    var layers: [Int?] = []
    try tiny.model().gradients(batch) { part in
      layers.append(part.layer)
      #expect(part.gradients.keys == part.weights.keys)
      for (name, weight) in part.weights {
        #expect(weight == tiny.weights.tensors[name]?.elements, "\(name)")
        #expect(part.gradients[name]?.count == weight.count)
      }
    }
    #expect(layers == [nil, 6, 5, 4, 3, 2, 1, 0, nil])
  }

  @Test("What a plan keeps fits its budget, and more memory never keeps less")
  func plans() {
    typealias Plan = KeptActivations.Plan
    #expect(Plan(layers: 12, input: 10, inner: 70, budget: 1000) == Plan(stride: 1, firstInner: 0))
    #expect(Plan(layers: 12, input: 10, inner: 70, budget: 120) == Plan(stride: 1, firstInner: 12))
    #expect(Plan(layers: 12, input: 10, inner: 70, budget: 330) == Plan(stride: 1, firstInner: 9))
    #expect(Plan(layers: 12, input: 10, inner: 70, budget: 119) == Plan(stride: 2, firstInner: 12))
    // 12 layers in runs of 3 or 4 hold 6 inputs at least.
    #expect(Plan(layers: 12, input: 10, inner: 70, budget: 0) == Plan(stride: 3, firstInner: 12))
  }
}
