extension Matrix {
  /// The means of the columns, accumulated in Double over the differences from the first row: the
  /// mean of a constant column is exactly its value.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func means() -> [Double] {
    precondition(rows > 0, "column means of a matrix without rows")
    let (rows, columns) = (rows, columns)
    var means = [Double](repeating: 0, count: columns)
    means.withUnsafeMutableBufferPointer { means in
      elements.withUnsafeBufferPointer { a in
        for row in 1..<max(rows, 1) {
          let start = row * columns
          for column in 0..<columns {
            means[column] += Double(a[start + column]) - Double(a[column])
          }
        }
        for column in 0..<columns {
          means[column] = Double(a[column]) + means[column] / Double(rows)
        }
      }
    }
    return means
  }

  /// The means of the columns, in Double; that of a constant column is exactly its value.
  package var columnMeans: [Double] { means() }

  /// The matrix in Double with the mean of each column removed.
  ///
  /// The first row is subtracted before the means are taken: a constant column becomes exactly 0,
  /// and features whose mean is thousands of standard deviations lose no digits.
  package var columnCentered: Matrix<Double> { centered() }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func centered() -> Matrix<Double> {
    precondition(rows > 0, "centring a matrix without rows")
    var centered = Matrix<Double>(rows: rows, columns: columns)
    let (rows, columns) = (rows, columns)
    var means = [Double](repeating: 0, count: columns)
    centered.elements.withUnsafeMutableBufferPointer { c in
      means.withUnsafeMutableBufferPointer { means in
        elements.withUnsafeBufferPointer { a in
          for row in 1..<max(rows, 1) {
            let start = row * columns
            for column in 0..<columns {
              let shifted = Double(a[start + column]) - Double(a[column])
              c[start + column] = shifted
              means[column] += shifted
            }
          }
        }
        for column in 0..<columns { means[column] /= Double(rows) }
        for row in 0..<rows {
          let start = row * columns
          for column in 0..<columns { c[start + column] -= means[column] }
        }
      }
    }
    return centered
  }
}
