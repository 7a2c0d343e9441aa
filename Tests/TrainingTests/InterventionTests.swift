import Foundation
import LanguageModels
import LinearAlgebra
import Testing

@testable import Training

/// Each intervention against a second, slower formula.
@Suite struct InterventionTests {
  private static let down = "gpt_neox.layers.1.mlp.dense_4h_to_h.weight"

  private func settings(
    _ kind: InterventionSettings.Kind, _ strength: Double? = nil, layers: ClosedRange<Int>? = nil
  ) -> InterventionSettings {
    InterventionSettings(kind: kind, strength: strength, layers: layers)
  }

  /// exp of the entropy of the singular values' shares, over their number (METHODS section 4).
  private func per(_ matrix: Matrix<Float>) throws -> Double {
    let values = try ThinSVD(of: matrix).values
    let total = values.reduce(0, +)
    let entropy = values.filter { $0 > 0 }.reduce(0) { $0 - $1 / total * log($1 / total) }
    return exp(entropy) / Double(values.count)
  }

  private func polarFactor(_ matrix: Matrix<Float>) throws -> Matrix<Double> {
    let svd = try ThinSVD(of: matrix)
    return svd.u.multiplied(by: svd.vTransposed)
  }

  @Test(arguments: [(16, 64), (64, 16), (48, 16), (32, 32), (1, 7)])
  func `Newton–Schulz gives the polar factor of the SVD`(rows: Int, columns: Int) throws {
    let matrix = TrainingFixtures.matrix(rows, columns, seed: 3, scale: 1e-3)
    let found = NewtonSchulz.polarFactor(of: matrix)
    let expected = try polarFactor(matrix)
    for (a, b) in zip(found.elements, expected.elements) { #expect(abs(Double(a) - b) < 2e-5) }
  }

  @Test func `Newton–Schulz lifts directions a thousand times smaller than the largest`() throws {
    // Orthonormal factors with singular values from 1 down to 10⁻³ of the norm.
    let svd = try ThinSVD(of: TrainingFixtures.matrix(12, 20, seed: 5))
    var scaled = svd.vTransposed
    for row in 0..<12 {
      for column in 0..<20 { scaled[row, column] *= pow(10, -3 * Double(row) / 11) }
    }
    let product = svd.u.multiplied(by: scaled)
    let matrix = Matrix(rows: 12, columns: 20, elements: product.elements.map(Float.init))
    let expected = try polarFactor(matrix)
    let found = NewtonSchulz.polarFactor(of: matrix)
    for (a, b) in zip(found.elements, expected.elements) { #expect(abs(Double(a) - b) < 2e-3) }
  }

  @Test func `Muon's update is the momentum's polar factor at AdamW's root mean square`() throws {
    let (gradient, mean) = (
      TrainingFixtures.matrix(16, 40, seed: 7), TrainingFixtures.matrix(16, 40, seed: 8)
    )
    let update = Muon.update(gradient: gradient, momentum: mean)
    let ahead = Matrix(
      rows: 16, columns: 40,
      elements: zip(gradient.elements, mean.elements).map { 0.05 * $0 + 0.95 * $1 })
    let expected = try polarFactor(ahead)
    let scale = 0.2 * 40.0.squareRoot()
    for (a, b) in zip(update.elements, expected.elements) {
      #expect(abs(Double(a) - scale * b) < 5e-5)
    }
    let meanSquare = update.squaredFrobeniusNorm / 640
    // √(16 / (16 · 40)) · 0.2 √40 = 0.2
    #expect(abs(meanSquare.squareRoot() - 0.2) < 1e-4)
    #expect(
      NewtonSchulz.polarFactor(of: Matrix(rows: 3, columns: 4)).elements.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [(6, 9), (9, 6), (5, 5)])
  func `the gradient of the spectral entropy equals finite differences`(
    rows: Int, columns: Int
  ) throws {
    let matrix = TrainingFixtures.matrix(rows, columns, seed: 11)
    let gradient = try SpectralEntropy.gradient(of: matrix)
    let step: Float = 1.0 / 256
    for index in matrix.elements.indices {
      var (above, below) = (matrix, matrix)
      above.elements[index] += step
      below.elements[index] -= step
      let width = Double(above.elements[index]) - Double(below.elements[index])
      let difference =
        (try SpectralEntropy.entropy(of: above) - SpectralEntropy.entropy(of: below)) / width
      #expect(abs(gradient.elements[index] - difference) < 2e-5 * 1, "element \(index)")
    }
    #expect(gradient.elements.contains { abs($0) > 1e-2 })
  }

  @Test func `the entropy is flat at orthogonal matrices and undefined directions get no gradient`()
    throws
  {
    let orthogonal = try PowerSpectrum.apply(0, to: TrainingFixtures.matrix(6, 9, seed: 2))
    #expect(abs(try SpectralEntropy.entropy(of: orthogonal) - 1) < 1e-9)
    let gradient = try SpectralEntropy.gradient(of: orthogonal)
    #expect(gradient.elements.allSatisfy { abs($0) < 1e-6 })
    let zero = try SpectralEntropy.gradient(of: Matrix<Float>(rows: 3, columns: 5))
    #expect(zero.elements.allSatisfy { $0 == 0 })
  }

  @Test func `the term is taken off the loss, for the layers and matrices named`() throws {
    let matrix = TrainingFixtures.matrix(4, 6, seed: 1)
    let other = "gpt_neox.layers.0.mlp.dense_4h_to_h.weight"
    let weights = InMemoryWeights([
      Self.down: ([4, 6], matrix.elements), other: ([4, 6], matrix.elements),
      "gpt_neox.embed_in.weight": ([4, 6], matrix.elements),
    ])
    var gradients = weights.tensors.mapValues { [Float](repeating: 0, count: $0.elements.count) }
    try SpectralEntropy(settings: settings(.spectralEntropy, 0.5, layers: 1...1)).addGradient(
      of: weights, to: &gradients)
    let expected = try SpectralEntropy.gradient(of: matrix)
    for (a, b) in zip(gradients[Self.down] ?? [], expected.elements) {
      #expect(abs(Double(a) + 0.5 * b) < 1e-6)
    }
    #expect(gradients[other]?.allSatisfy { $0 == 0 } == true)
    #expect(gradients["gpt_neox.embed_in.weight"]?.allSatisfy { $0 == 0 } == true)
  }

  private func state(_ matrix: Matrix<Float>) -> TrainingState {
    TrainingState(
      step: 0,
      tensors: [
        TrainedTensor(matrix, name: Self.down, since: 0),
        TrainedTensor(matrix, name: "gpt_neox.embed_in.weight", since: 0),
      ])
  }

  @Test(arguments: [
    (InterventionSettings.Kind.spectralFlattening, 0.5, 0.5), (.spectralFlattening, 1, 0),
    (.spectralSharpening, 0.5, 1.5), (.orthogonalInitialisation, 1, 0),
  ])
  func `spectra are raised to the power of the strength and the norm is kept`(
    kind: InterventionSettings.Kind, strength: Double, exponent: Double
  ) throws {
    let matrix = TrainingFixtures.matrix(8, 12, seed: 4)
    var state = state(matrix)
    try settings(kind, strength).intervention.begin(&state)
    let before = try ThinSVD(of: matrix).values
    let after = try ThinSVD(of: state.tensors[0].matrix).values
    for (a, b) in zip(after, before) {
      let expected = after[0] * pow(b / before[0], exponent)
      #expect(abs(a - expected) < 1e-5 * after[0])
    }
    let norms = [matrix, state.tensors[0].matrix].map { $0.squaredFrobeniusNorm.squareRoot() }
    #expect(abs(norms[0] - norms[1]) < 1e-5 * norms[0])
    let change = try per(state.tensors[0].matrix) - per(matrix)
    #expect(kind == .spectralSharpening ? change < -0.01 : change > 0.01)
    #expect(state.tensors[1].values == matrix.elements, "embeddings are left alone")
  }

  @Test func `low-rank factors begin at the best approximation with the norm kept`() throws {
    let matrix = TrainingFixtures.matrix(8, 12, seed: 6)
    var state = state(matrix)
    try settings(.lowRank, 0.75).intervention.begin(&state)
    #expect(
      state.tensors.map(\.name) == [
        Self.down + "/left", Self.down + "/right", "gpt_neox.embed_in.weight",
      ])
    #expect(state.tensors[0].shape == [8, 2] && state.tensors[1].shape == [2, 12])
    let product = try #require(state.weights().tensors[Self.down])
    let found = try ThinSVD(of: Matrix(rows: 8, columns: 12, elements: product.elements))
    let svd = try ThinSVD(of: matrix)
    #expect(found.values[2] < 1e-5 && found.values[1] > 0.1)
    let ratio = found.values[0] / found.values[1]
    #expect(abs(ratio - svd.values[0] / svd.values[1]) < 1e-4)
    let norm = product.elements.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(abs(norm - matrix.squaredFrobeniusNorm.squareRoot()) < 1e-4)
  }

  @Test func `the gradients of factors equal finite differences of a function of their product`()
    throws
  {
    // f(W) = Σ G ∘ W has the gradient G.
    let full = TrainingFixtures.matrix(5, 7, seed: 9)
    var state = state(TrainingFixtures.matrix(5, 7, seed: 10))
    try settings(.lowRank, 0.6).intervention.begin(&state)
    let gradients = state.tensorGradients([
      Self.down: full.elements, "gpt_neox.embed_in.weight": full.elements,
    ])
    func value(_ state: TrainingState) throws -> Double {
      let weights = try #require(state.weights().tensors[Self.down]).elements
      return zip(weights, full.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    for tensor in 0..<2 {
      for index in state.tensors[tensor].values.indices {
        var (above, below) = (state, state)
        above.tensors[tensor].values[index] += 0.25
        below.tensors[tensor].values[index] -= 0.25
        let difference = try (value(above) - value(below)) / 0.5
        #expect(abs(Double(gradients[tensor][index]) - difference) < 1e-4)
      }
    }
    #expect(gradients[2] == full.elements)
  }

  @Test func `the control of the update's norm changes its length and not its direction`() throws {
    let gradient = TrainingFixtures.matrix(6, 10, seed: 12).elements
    var optimiser = TrainingRecipe.Optimiser()
    optimiser.weightDecay = 0
    func update(_ rule: UpdateRule) -> [Float] {
      var tensor = TrainedTensor(Matrix(rows: 6, columns: 10), name: Self.down, since: 0)
      AdamW(optimiser: optimiser).update(
        &tensor, gradient: gradient, learningRate: 0.25, age: 1, rule: rule)
      return tensor.values
    }
    let matrix = try #require(BlockMatrix(tensor: Self.down))
    let rule = try #require(settings(.updateNorm, 3).intervention.rule(for: matrix))
    let (plain, longer) = (update(.adamW(factor: 1)), update(rule))
    for (a, b) in zip(plain, longer) { #expect(abs(3 * a - b) < 1e-6) }
    #expect(plain.contains { $0 != 0 })
  }

  @Test(arguments: InterventionSettings.Kind.allCases)
  func `every intervention changes a run from its start step on and not before`(
    kind: InterventionSettings.Kind
  ) throws {
    try TrainingFixtures.withFolder { folder in
      var plain = try TrainingFixtures.tiny(in: folder, steps: 8)
      plain.checkpoints = .init(every: 1)
      _ = try Trainer(plain, lanes: .single).run()
      var changed = plain
      changed.output = folder + "/changed"
      let start = kind.isInitialisation ? 0 : 4
      changed.interventions = [InterventionSettings(kind: kind, layers: 1...2, start: start)]
      _ = try Trainer(changed, lanes: .single).run()
      let (a, b) = (
        try TrainingFixtures.files(plain.output), try TrainingFixtures.files(changed.output)
      )
      for step in 0...8 {
        let file = "step\(step)/model.safetensors"
        let begins = [.muon, .spectralEntropy, .updateNorm].contains(kind) ? start + 1 : start
        #expect((a[file] == b[file]) == (step < begins), "step \(step)")
      }
    }
  }
}
