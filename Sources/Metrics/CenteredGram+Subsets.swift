import LinearAlgebra

extension CenteredGram {
  /// The inner products of some of the rows, centred anew.
  ///
  /// A norm at the level of what rounding of the whole matrix leaves is 0, so that equal rows have
  /// no similarity to noise.
  init(of whole: CenteredGram, rows: [Int]) {
    let m = rows.count
    guard whole.gap == nil, m >= 2 else {
      self.init(gap: whole.gap ?? .tooFewRows, count: m)
      return
    }
    var gram = Matrix<Double>(rows: m, columns: m)
    for (i, row) in rows.enumerated() {
      for (j, column) in rows.enumerated() {
        gram[i, j] = row == column ? whole.diagonal[row] : whole.offDiagonal[row, column]
      }
    }
    gram.doubleCenter()
    guard gram.squaredFrobeniusNorm > Self.roundingShare * whole.biasedNorm else {
      self.init(gap: .constantMatrix, count: m)
      return
    }
    self.init(centeredGram: gram)
  }
}

extension Matrix<Double> {
  /// H K H of a symmetric matrix: every row and column sums to 0.
  mutating func doubleCenter() {
    let n = rows
    let means = rowTotals.map { $0 / Double(n) }
    let mean = means.reduce(0, +) / Double(n)
    for row in 0..<n {
      for column in 0..<n { self[row, column] -= means[row] + means[column] - mean }
    }
  }
}
