package import LinearAlgebra

/// How the rows of a fused query-key-value projection [3d, d] belong to heads.
package enum AttentionLayout: String, Sendable, CaseIterable {
  /// As GPT-NeoX stores it: viewed as [H, 3, d_h, d], each head's query, key and value together.
  case interleaved = "default"
  /// As the paper's code reads it: the last third of the rows is "value". For H > 1 these are query,
  /// key and value rows of the last heads. METHODS section 1, variant `published_layout`.
  case published = "published_layout"

  /// The fused rows that hold the values of one head, ascending.
  package func valueRows(ofHead head: Int, heads: Int, headSize: Int) -> Range<Int> {
    let start =
      switch self {
      case .interleaved: head * 3 * headSize + 2 * headSize
      case .published: 2 * heads * headSize + head * headSize
      }
    return start..<start + headSize
  }
}

/// The two matrices of an attention layer's OV circuit, or their gradients, cut by head.
///
/// Head h's product is W_O[:, h] W_V[h, :] [d, d], of rank ≤ d_h. Elhage et al. 2021.
package struct AttentionWeights: Sendable {
  package let heads: Int
  /// W_O [d, H d_h]; head h owns the columns h·d_h ..< (h+1)·d_h.
  package let output: Matrix<Float>
  /// W_V [H d_h, d], the heads' value rows stacked.
  package let value: Matrix<Float>
  /// W_Oᵀ, in which a head's columns are rows.
  private let outputTransposed: Matrix<Float>

  /// From W_O and the heads' value rows in order.
  package init(output: Matrix<Float>, value: Matrix<Float>, heads: Int) {
    precondition(
      heads >= 1 && output.columns == value.rows && value.rows % heads == 0,
      "\(heads) heads of \(output.rows) x \(output.columns) and \(value.rows) x \(value.columns)")
    self.heads = heads
    self.output = output
    self.value = value
    outputTransposed = output.transposed
  }

  /// From W_O [d, d] and the fused projection [3d, d], weights or gradients alike.
  package init(
    output: Matrix<Float>, fused: Matrix<Float>, heads: Int,
    layout: AttentionLayout = .interleaved
  ) {
    precondition(
      heads >= 1 && output.columns % heads == 0 && fused.rows == 3 * output.columns,
      "\(heads) heads of \(output.rows) x \(output.columns) and \(fused.rows) fused rows")
    let headSize = output.columns / heads
    let rows = (0..<heads).flatMap { head in
      layout.valueRows(ofHead: head, heads: heads, headSize: headSize)
    }
    self.init(output: output, value: fused.selectingRows(rows), heads: heads)
  }

  /// d_h.
  package var headSize: Int { output.columns / heads }

  /// W_O[:, h] W_V[h, :] [d, d], formed in Double: for measures of its entries.
  package func product(ofHead head: Int) -> Matrix<Double> {
    outputOfHead(head).inDouble.transposeMultiplied(by: valueOfHead(head).inDouble)
  }

  /// W_O W_V [d, d], all heads together, formed in Double.
  package var fullProduct: Matrix<Double> { value.inDouble.premultiplied(by: output) }

  /// W_O[:, h]ᵀ [d_h, d].
  func outputOfHead(_ head: Int) -> Matrix<Float> {
    outputTransposed.rowBlock(head * headSize..<(head + 1) * headSize)
  }

  /// W_V[h, :] [d_h, d].
  func valueOfHead(_ head: Int) -> Matrix<Float> {
    value.rowBlock(head * headSize..<(head + 1) * headSize)
  }
}

extension Matrix {
  /// Consecutive rows, as a copy.
  func rowBlock(_ range: Range<Int>) -> Matrix {
    Matrix(
      rows: range.count, columns: columns,
      elements: Array(elements[range.lowerBound * columns..<range.upperBound * columns]))
  }

  /// This matrix above another with as many columns.
  func stacked(on other: Matrix) -> Matrix {
    precondition(columns == other.columns, "\(columns) columns on \(other.columns)")
    return Matrix(
      rows: rows + other.rows, columns: columns, elements: elements + other.elements)
  }
}
