import Foundation
import LinearAlgebra
import Testing

@testable import Metrics

/// Spectra of real checkpoints against those of an independent float64 implementation.
@Suite(.enabled(if: SharedData.isPresent, "needs the reference data beside the repository"))
struct GoldenSpectraTests {
  struct Layer {
    let mlp: Matrix<Float>
    let attention: (AttentionLayout) -> AttentionWeights
  }

  private func layer(_ index: Int, of matrices: [String: Matrix<Float>], heads: Int) throws -> Layer
  {
    let prefix = "gpt_neox.layers.\(index)."
    let output = try #require(matrices[prefix + "attention.dense.weight"])
    let fused = try #require(matrices[prefix + "attention.query_key_value.weight"])
    return Layer(mlp: try #require(matrices[prefix + "mlp.dense_4h_to_h.weight"])) { layout in
      AttentionWeights(output: output, fused: fused, heads: heads, layout: layout)
    }
  }

  /// Golden values are stored with 10 digits; products there are dense, so that what lies beyond
  /// their rank is rounding.
  private func expectEqual(_ spectrum: Spectrum, _ golden: Any?, _ name: String) throws {
    let expected = try #require(golden as? [Double], "\(name)")
    for (value, reference) in zip(spectrum.values, expected) {
      #expect(abs(value - reference) < 1e-8 * expected[0] + 1e-9 * reference, "\(name)")
    }
    for rest in expected.dropFirst(spectrum.values.count) { #expect(rest < 1e-7 * expected[0]) }
  }

  private static let models = [
    ("nano-seed0", 0, 4, 4), ("nano-seed0", 1000, 4, 4), ("nano-seed0", 3000, 4, 4),
    ("micro-seed0", 3000, 6, 4),
  ]

  @Test(arguments: models)
  func weightsHaveTheirGoldenSpectra(model: String, step: Int, layers: Int, heads: Int) throws {
    let matrices = try SharedData.matrices("\(model)/step\(step)/model.safetensors")
    let golden = try #require(
      SharedData.json("golden/\(model)_spectra.json")["\(step)"] as? [String: Any])
    for index in 0..<layers {
      let layer = try layer(index, of: matrices, heads: heads)
      try expectEqual(
        Spectrum(of: layer.mlp), golden["\(index).weights.mlp"], "\(index) mlp")
      for (layout, name) in [(AttentionLayout.interleaved, "ov"), (.published, "legacy_ov")] {
        let spectra = layer.attention(layout).ovSpectra(lanes: Lanes(width: 2))
        try expectEqual(
          #require(spectra.full).get(), golden["\(index).weights.\(name)"], "\(index) \(name)")
        for (head, spectrum) in spectra.heads.enumerated() {
          try expectEqual(
            spectrum.get(), golden["\(index).weights.\(name).\(head)"], "\(index) \(name) \(head)")
        }
      }
    }
  }

  @Test func gradientsHaveTheirGoldenSpectraAndRanks() throws {
    let weights = try SharedData.matrices("nano-seed0/step1000/model.safetensors")
    let gradients = try SharedData.matrices("golden/nano_step1000_gradients.safetensors")
    let golden = try #require(
      SharedData.json("golden/nano-seed0_spectra.json")["1000"] as? [String: Any])
    let checkpoints = try #require(
      SharedData.json("golden/nano-seed0_probe_a.json")["checkpoints"] as? [String: Any])
    let layers = try #require(
      (checkpoints["1000"] as? [String: Any])?["layers"] as? [[String: Any]])
    for index in 0..<4 {
      let (own, gradient) = (
        try layer(index, of: weights, heads: 4), try layer(index, of: gradients, heads: 4)
      )
      let mlp = try Spectrum(of: gradient.mlp)
      try expectEqual(mlp, golden["\(index).gradients.mlp"], "\(index) mlp")
      let per = try #require(
        (layers[index]["per"] as? [String: Any])?["gradients"] as? [String: Any])
      #expect(try abs(mlp.per(k: 64) - #require(per["mlp"] as? Double)) < 1e-6)
      #expect(
        try abs(mlp.truncated(to: 16).per(k: 16) - #require(per["mlp_published"] as? Double))
          < 1e-6)
      for (layout, name) in [(AttentionLayout.interleaved, "ov"), (.published, "legacy_ov")] {
        let spectra = own.attention(layout).ovGradientSpectra(gradient.attention(layout))
        let full = try #require(spectra.full).get()
        try expectEqual(full, golden["\(index).gradients.\(name)"], "\(index) \(name)")
        #expect(try abs(full.per(k: 64) - #require(per[name] as? Double)) < 1e-6)
        let byHead = try #require(per["\(name)_heads"] as? [Double])
        let published = try #require(per["\(name)_heads_published"] as? [Double])
        for (head, spectrum) in spectra.heads.enumerated() {
          let spectrum = try spectrum.get()
          try expectEqual(
            spectrum, golden["\(index).gradients.\(name).\(head)"], "\(index) \(name) \(head)")
          #expect(try abs(spectrum.per(k: 32) - byHead[head]) < 1e-6)
          #expect(try abs(spectrum.truncated(to: 16).per(k: 16) - published[head]) < 1e-6)
        }
      }
    }
  }

  @Test func picoVariantsAreThoseOfPicoAnalyze() throws {
    let weights = try SharedData.matrices("nano-seed0/step1000/model.safetensors")
    let gradients = try SharedData.matrices("golden/nano_step1000_gradients.safetensors")
    let golden = try #require(SharedData.json("golden/pico_style.json")["1000"] as? [[String: Any]])
    for index in 0..<4 {
      let own = try layer(index, of: weights, heads: 4).attention(.interleaved)
      let gradient = try layer(index, of: gradients, heads: 4).attention(.interleaved)
      let per = try #require(golden[index]["per"] as? [String: Any])
      let spectra = own.picoSpectra()
      let heads = try #require(per["weights.ov_circuit.heads"] as? [Double])
      for head in 0..<4 {
        #expect(try abs(spectra.heads[head].get().per(k: 16) - heads[head]) < 1e-9)
      }
      #expect(
        try abs(spectra.layer.get().per(k: 16) - #require(per["weights.ov_circuit"] as? Double))
          < 1e-9)
      let change = own.picoGradientSpectra(gradient)
      #expect(
        try abs(change.layer.get().per(k: 64) - #require(per["gradients.ov_circuit"] as? Double))
          < 1e-6)
    }
  }
}
