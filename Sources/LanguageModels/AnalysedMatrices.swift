package import LinearAlgebra

/// The matrices of one layer that are analysed (METHODS section 2), weights or gradients, in one form
/// for every architecture.
package struct AnalysedMatrices: Sendable {
  private let layout: HeadLayout
  /// [F, d].
  private let queryKeyValue: Matrix<Float>
  /// W_O, [d, H d_h].
  package let output: Matrix<Float>
  /// W_down, [d, inner].
  package let down: Matrix<Float>

  init(
    _ configuration: ModelConfiguration, queryKeyValue: [Float], output: [Float], down: [Float]
  ) {
    let d = configuration.hiddenSize
    layout = HeadLayout(configuration)
    self.queryKeyValue = Matrix(
      rows: configuration.fusedSize, columns: d, elements: queryKeyValue)
    self.output = Matrix(rows: d, columns: configuration.attentionSize, elements: output)
    self.down = Matrix(rows: d, columns: configuration.intermediateSize, elements: down)
  }

  package var heads: Int { layout.heads }

  /// W_V by query head, [H d_h, d]: heads of a group have the same rows.
  package var value: Matrix<Float> { rows { layout.value($0) } }

  /// W_Q, [H d_h, d].
  package var query: Matrix<Float> { rows { layout.query($0) } }

  /// W_K by query head, [H d_h, d].
  package var key: Matrix<Float> { rows { layout.key($0) } }

  /// What the published analysis takes for W_V, the last third of the fused rows; `nil` where heads
  /// are not interleaved.
  package var publishedValue: Matrix<Float>? {
    guard layout.interleavesHeads else { return nil }
    let size = layout.heads * layout.headSize
    return queryKeyValue.selectingRows(Array(2 * size..<3 * size))
  }

  private func rows(_ start: (Int) -> Int) -> Matrix<Float> {
    queryKeyValue.selectingRows(
      (0..<layout.heads).flatMap { start($0)..<start($0) + layout.headSize })
  }
}
