/// A dense matrix in row-major order, stored as read.
///
/// Element (i, j) is `elements[i * columns + j]`. Rows are samples and columns are features
/// wherever a matrix holds activations.
package struct Matrix<Scalar: BLASScalar>: Sendable, Equatable {
  package let rows: Int
  package let columns: Int
  package var elements: [Scalar]

  /// A matrix over `elements`, `rows * columns` of them in row-major order.
  @inlinable
  package init(rows: Int, columns: Int, elements: [Scalar]) {
    precondition(
      rows >= 0 && columns >= 0 && elements.count == rows * columns,
      "\(elements.count) elements for a \(rows) x \(columns) matrix")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix of zeros.
  @inlinable
  package init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, elements: .init(repeating: 0, count: rows * columns))
  }

  @inlinable
  package subscript(row: Int, column: Int) -> Scalar {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }
}

extension Matrix {
  /// The transpose, as a copy.
  package var transposed: Matrix { transpose() }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func transpose() -> Matrix {
    var result = Matrix(rows: columns, columns: rows)
    let (rows, columns) = (rows, columns)
    elements.withUnsafeBufferPointer { source in
      result.elements.withUnsafeMutableBufferPointer { target in
        // In blocks, so that both sides stay in cache.
        let block = 16
        for top in stride(from: 0, to: rows, by: block) {
          for left in stride(from: 0, to: columns, by: block) {
            for row in top..<min(top + block, rows) {
              for column in left..<min(left + block, columns) {
                target[column * rows + row] = source[row * columns + column]
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The rows at `indices`, in that order; an index may come more than once.
  package func selectingRows(_ indices: some Collection<Int>) -> Matrix {
    var selected: [Scalar] = []
    selected.reserveCapacity(indices.count * columns)
    for row in indices { selected += elements[row * columns..<(row + 1) * columns] }
    return Matrix(rows: indices.count, columns: columns, elements: selected)
  }

  /// The columns in `range`, as a copy.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func selectingColumns(_ range: Range<Int>) -> Matrix {
    var selected: [Scalar] = []
    selected.reserveCapacity(rows * range.count)
    for row in 0..<rows {
      selected += elements[row * columns + range.lowerBound..<row * columns + range.upperBound]
    }
    return Matrix(rows: rows, columns: range.count, elements: selected)
  }
}

extension Matrix where Scalar == Float {
  /// The same matrix in double precision.
  package var upcast: Matrix<Double> {
    Matrix<Double>(rows: rows, columns: columns, elements: elements.map(Double.init))
  }
}
