extension Matrix {
  /// A B for A [m, k] and B [k, n]. BLAS: sgemm, dgemm.
  package func multiplied(by other: Matrix) -> Matrix {
    precondition(
      columns == other.rows, "\(rows) x \(columns) times \(other.rows) x \(other.columns)")
    return Matrix.product(
      .none, .none, self, other, m: rows, n: other.columns, k: columns)
  }

  /// Aᵀ B for A [k, m] and B [k, n]. BLAS: sgemm, dgemm.
  package func transposeMultiplied(by other: Matrix) -> Matrix {
    precondition(
      rows == other.rows, "transposed \(rows) x \(columns) times \(other.rows) x \(other.columns)")
    return Matrix.product(
      .transposed, .none, self, other, m: columns, n: other.columns, k: rows)
  }

  /// A Bᵀ for A [m, k] and B [n, k]. BLAS: sgemm, dgemm.
  package func multiplied(byTransposeOf other: Matrix) -> Matrix {
    precondition(
      columns == other.columns,
      "\(rows) x \(columns) times transposed \(other.rows) x \(other.columns)")
    return Matrix.product(
      .none, .transposed, self, other, m: rows, n: other.rows, k: columns)
  }

  private static func product(
    _ transposeA: Transposition, _ transposeB: Transposition, _ a: Matrix, _ b: Matrix,
    m: Int, n: Int, k: Int
  ) -> Matrix {
    var c = Matrix(rows: m, columns: n)
    guard m > 0, n > 0, k > 0 else { return c }
    Scalar.gemm(
      transposeA, transposeB, m: m, n: n, k: k, alpha: 1,
      a.elements, lda: a.columns, b.elements, ldb: b.columns, beta: 0, &c.elements, ldc: n)
    return c
  }

  /// A Aᵀ [rows, rows], the inner products of rows, both triangles filled. BLAS: ssyrk, dsyrk.
  package var rowGram: Matrix {
    var gram = Matrix(rows: rows, columns: rows)
    guard rows > 0, columns > 0 else { return gram }
    Scalar.syrk(
      .none, n: rows, k: columns, alpha: 1, elements, lda: columns,
      beta: 0, &gram.elements, ldc: rows)
    gram.mirrorUpperTriangle()
    return gram
  }

  /// Aᵀ A [columns, columns], the inner products of columns, both triangles filled.
  /// BLAS: ssyrk, dsyrk.
  package var columnGram: Matrix {
    var gram = Matrix(rows: columns, columns: columns)
    guard rows > 0, columns > 0 else { return gram }
    Scalar.syrk(
      .transposed, n: columns, k: rows, alpha: 1, elements, lda: columns,
      beta: 0, &gram.elements, ldc: columns)
    gram.mirrorUpperTriangle()
    return gram
  }

  /// Copies the upper triangle of a square matrix onto the lower one, in blocks that stay in cache.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func mirrorUpperTriangle() {
    precondition(rows == columns, "a \(rows) x \(columns) matrix has no mirror image")
    let n = rows
    elements.withUnsafeMutableBufferPointer { a in
      let block = 32
      for top in stride(from: 0, to: n, by: block) {
        for left in stride(from: 0, through: top, by: block) {
          for row in top..<min(top + block, n) {
            for column in left..<min(left + block, row) {
              a[row * n + column] = a[column * n + row]
            }
          }
        }
      }
    }
  }
}

extension Matrix {
  /// The sum of the squares of all entries, accumulated in Double.
  package var squaredFrobeniusNorm: Double { sumOfSquares() }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func sumOfSquares() -> Double {
    elements.withUnsafeBufferPointer { values in
      // Eight running sums: shorter chains are faster and round less than one long chain.
      var sums = SIMD8<Double>.zero
      let whole = values.count / 8 * 8
      for start in stride(from: 0, to: whole, by: 8) {
        var lane = SIMD8<Double>()
        for offset in 0..<8 { lane[offset] = Double(values[start + offset]) }
        sums += lane * lane
      }
      var total = sums.sum()
      for index in whole..<values.count { total += Double(values[index]) * Double(values[index]) }
      return total
    }
  }
}
