import Foundation
import LanguageModels
import LinearAlgebra
import Tensors
import Testing

@Suite("Gradients against golden values of real checkpoints")
struct GoldenGradientTests {
  @Test(
    "Every parameter of nano's step 1000: the tensors and their norms",
    .enabled(if: ReferenceData.hasMiniPythia, ReferenceData.absence))
  func tensors() throws {
    let golden = try GoldenActivations()
    let folder = ReferenceData.miniPythia + "/golden"
    let file = try TensorFile(
      folder + "/nano_step1000_gradients.safetensors")
    let norms = try ReferenceData.json(
      folder + "/nano_step1000_gradient_norms.json")["frobenius_norms"]
    let (loss, found) = try collectGradients(golden.model, golden.batch, lanes: Lanes(width: 2))
    #expect(found.count == golden.model.parameters.count)
    for (name, gradient) in found {
      let rows = file.tensor(name) == nil ? "[0:256]" : ""
      let expected = try file.floats(name + rows).map(Double.init)
      let error = relativeDistance(Array(gradient.prefix(expected.count)), expected)
      #expect(error < 1e-5, "\(name): \(error)")
      let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      let expectedNorm = try #require(norms?[name]?.double)
      #expect(abs(norm / expectedNorm - 1) < 1e-5, "\(name)")
    }
    let values = try ReferenceData.json(folder + "/nano-seed0_probe_a.json")
    let expectedLoss = try #require(values["checkpoints"]?["1000"]?["loss"]?.double)
    #expect(abs(loss / expectedLoss - 1) < 1e-6)
  }

  /// PER = exp(entropy of σ/Σσ)/k (METHODS section 4), here from LAPACK's singular values.
  @Test("PER of the fixture's MLP gradients", arguments: [0, 512, 3000])
  func fixtureSpectra(step: Int) throws {
    let model = try ReferenceData.model(ReferenceData.fixture + "/step\(step)")
    let batch = try ReferenceData.tokens(ReferenceData.fixture + "/tokens.npy")
    let golden = try ReferenceData.json(ReferenceData.fixture + "/golden.json")
    let layers = try #require(golden["checkpoints"]?["\(step)"]?["layers"]?.elements)
    let (_, gradients) = try collectGradients(model, batch, of: .analysed)
    for (layer, expected) in layers.enumerated() {
      let key = GPTNeoX.key(layer: layer, "mlp.dense_4h_to_h.weight")
      let gradient = Matrix(rows: 64, columns: 256, elements: try #require(gradients[key]))
      let values = try SingularValues.of(gradient, route: .exact)
      let sum = values.reduce(0, +)
      let entropy = values.reduce(0.0) { $1 > 0 ? $0 - $1 / sum * log($1 / sum) : $0 }
      let per = exponential(entropy) / 64
      let golden = try #require(expected["per"]?["gradients"]?["mlp"]?.double)
      #expect(abs(per - golden) < 1e-5, "layer \(layer)")
    }
  }
}
