import LinearAlgebra
import Testing

@testable import Capture
@testable import LanguageModels

@Suite struct ActivationCaptureTests {
  private let configuration = GPTNeoX.configuration(
    hiddenSize: 4, layers: 1, heads: 2, intermediateSize: 16, vocabulary: 8, context: 8,
    rotary: Rotary(dimensions: 0, base: 10_000))

  private func matrix(_ rows: Int, _ columns: Int, seed: Int) -> Matrix<Float> {
    Matrix(
      rows: rows, columns: columns,
      elements: (0..<rows * columns).map { Float(($0 * 7 + seed * 13) % 11) - 5 })
  }

  private var settings: CaptureSettings {
    CaptureSettings(
      components: [.mlp, .ov], heads: true, publishedLayout: false,
      rows: [.last, .sample([0, 2])])
  }

  /// Rows of two ranges of sequences come out as one matrix, each selection with its own rows.
  @Test func rangesOfSequencesBecomeWholeMatrices() throws {
    let batch = TokenBatch(sequences: 3, length: 4, tokens: Array(repeating: 1, count: 12))
    var capture = ActivationCapture(settings, of: configuration, batch: batch)
    #expect(capture.observation.positions == [0, 2, 3])
    #expect(capture.observation.hooks == [.mlp, .value])
    let (mlp, value) = (matrix(9, 4, seed: 1), matrix(9, 4, seed: 2))
    let output = matrix(4, 4, seed: 3)
    func block(_ sequences: Range<Int>) -> BlockObservation {
      let rows = sequences.lowerBound * 3..<sequences.upperBound * 3
      return BlockObservation(
        layer: 0, sequences: sequences,
        rows: [.mlp: mlp.selectingRows(rows), .value: value.selectingRows(rows)],
        outputProjection: output)
    }
    #expect(try capture.observe(block(0..<2)).isEmpty)
    let finished = try capture.observe(block(2..<3))
    func found(_ component: CaptureSettings.Component, _ rows: String) throws -> Matrix<Float> {
      try #require(
        finished.first {
          $0.name.component == component && $0.name.rows == rows && $0.name.form == .layer
        }
      ).matrix
    }
    #expect(try found(.mlp, "last") == mlp.selectingRows([2, 5, 8]))
    #expect(try found(.mlp, "sample") == mlp.selectingRows([0, 1, 3, 4, 6, 7]))
    #expect(
      try found(.ov, "last")
        == value.selectingRows([2, 5, 8]).multiplied(byTransposeOf: output))
  }

  /// The compressed form has the inner products of the head's own OV activation.
  @Test func compressedHeadsKeepTheInnerProductsOfTheirActivations() throws {
    let (values, output) = (matrix(5, 4, seed: 4), matrix(4, 4, seed: 5))
    let compressed = try HeadProjection(output, heads: 2, byHead: true).compress(values)
    for head in 0..<2 {
      let columns = head * 2..<head * 2 + 2
      let activation = values.selectingColumns(columns).multiplied(
        byTransposeOf: output.selectingColumns(columns))
      let (expected, found) = (activation.rowGram, compressed.selectingColumns(columns).rowGram)
      for (a, b) in zip(expected.elements, found.elements) { #expect(abs(a - b) < 1e-3) }
    }
  }
}
