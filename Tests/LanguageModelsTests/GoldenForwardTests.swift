import LanguageModels
import LinearAlgebra
import Tensors
import Testing

@Suite("Forward pass against golden values of real checkpoints")
struct GoldenForwardTests {
  @Test("The fixture's losses", arguments: [0, 16, 128, 512, 1000, 2000, 3000])
  func fixtureLosses(step: Int) throws {
    let folder = ReferenceData.fixture + "/step\(step)"
    let batch = try ReferenceData.tokens(ReferenceData.fixture + "/tokens.npy")
    let golden = try ReferenceData.json(ReferenceData.fixture + "/golden.json")
    let expected = try #require(golden["checkpoints"]?["\(step)"]?["loss"]?.double)
    let loss = try ReferenceData.model(folder).forward(batch).loss
    #expect(abs(loss / expected - 1) < 1e-6)
  }

  /// bfloat16, `lm_head.weight`, a transformers-5 config and float16; float32 is below.
  @Test(
    "Losses of mini-pythia in every stored form",
    .enabled(if: ReferenceData.hasMiniPythia, ReferenceData.absence),
    arguments: [
      ("nano-seed0", 256, "a"), ("nano-seed0", 2500, "a"), ("nano-seed0", 3000, "b"),
      ("micro-seed0", 3000, "a"),
    ])
  func losses(run: String, step: Int, probe: String) throws {
    let data = ReferenceData.miniPythia
    let golden = try ReferenceData.json(data + "/golden/\(run)_probe_\(probe).json")
    let expected = try #require(golden["checkpoints"]?["\(step)"]?["loss"]?.double)
    let model = try ReferenceData.model(data + "/\(run)/step\(step)")
    let batch = try ReferenceData.tokens(data + "/probe_\(probe).npy")
    let loss = try model.forward(batch, lanes: Lanes(width: 2)).loss
    #expect(abs(loss / expected - 1) < 1e-6)
  }

  @Test(
    "Logits and token losses of nano's step 1000",
    .enabled(if: ReferenceData.hasMiniPythia, ReferenceData.absence))
  func logits() throws {
    let golden = try GoldenActivations()
    let batch = golden.batch.selecting(0..<2)
    let logits = try golden.model.logits(batch)
    let expected = try golden.file.floats("logits")
    for (index, row) in stride(from: 15, to: 512, by: 16).enumerated() {
      let found = logits.elements[row * 4096..<(row + 1) * 4096]
      let reference = expected[index * 4096..<(index + 1) * 4096].map(Double.init)
      #expect(largestDifference(found, reference) < 1e-4, "row \(row)")
    }
    let mean = try golden.file.floats("token_losses").reduce(0) { $0 + Double($1) } / 510
    #expect(abs(try golden.model.forward(batch).loss / mean - 1) < 1e-6)
  }

  @Test(
    "Every hook point of nano's step 1000, at last and at all positions",
    .enabled(if: ReferenceData.hasMiniPythia, ReferenceData.absence))
  func activations() throws {
    let golden = try GoldenActivations()
    let everything = Set(HookPoint.allCases)
    try golden.model.forward(
      golden.batch, observing: Observation(hooks: everything, positions: [255])
    ) { seen in
      for (hook, rows) in seen.rows {
        let activations =
          hook == .value || hook == .publishedValue
          ? [
            hook == .value ? "ov" : "legacy_ov": rows.multiplied(
              byTransposeOf: seen.outputProjection)
          ]
          .merging(hook == .value ? ["value": rows] : [:]) { first, _ in first }
          : [hook.rawValue: rows]
        for (name, matrix) in activations {
          let expected = try golden.file.floats("last.\(seen.layer).\(name)")
          let part = expected[seen.sequences.lowerBound * 64..<seen.sequences.upperBound * 64]
          let difference = largestDifference(matrix.elements, part.map(Double.init))
          #expect(difference < 2e-5, "layer \(seen.layer), \(name): \(difference)")
        }
      }
    }
    try golden.model.forward(
      golden.batch.selecting(0..<1),
      observing: Observation(hooks: everything, positions: Array(0..<256))
    ) { seen in
      for hook in [HookPoint.attention, .mlp, .residual] {
        let expected = try golden.file.floats("first.\(seen.layer).\(hook.rawValue)")
        let found = try #require(seen.rows[hook])
        #expect(largestDifference(found.elements, expected.map(Double.init)) < 2e-5, "\(hook)")
      }
      let fused = Matrix(
        rows: 256, columns: 192, elements: try golden.file.floats("first.\(seen.layer).qkv"))
      let published = try #require(seen.rows[.publishedValue])
      let expected = fused.selectingColumns(128..<192)
      #expect(largestDifference(published.elements, expected.elements.map(Double.init)) < 2e-5)
    }
  }
}

/// Nano's step 1000, its probe and its stored activations.
struct GoldenActivations {
  let model: LanguageModel
  let batch: TokenBatch
  let file: TensorFile

  init() throws {
    let data = ReferenceData.miniPythia
    model = try ReferenceData.model(data + "/nano-seed0/step1000")
    batch = try ReferenceData.tokens(data + "/probe_a.npy")
    file = try TensorFile(
      data + "/golden/nano_step1000_activations.safetensors")
  }
}
