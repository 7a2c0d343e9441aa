package import LinearAlgebra

/// The singular values σ₁ ≥ … ≥ σ_k of a matrix, and the shape that they belong to.
package struct Spectrum: Sendable, Equatable {
  /// Descending, ≥ 0, finite.
  package let values: [Double]
  /// The shape of the matrix; for a product that is never formed, of the product.
  package let rows: Int
  package let columns: Int

  /// A spectrum of given values, in any order.
  package init(values: [Double], rows: Int, columns: Int) {
    precondition(
      values.count <= min(rows, columns) && values.allSatisfy { $0 >= 0 && $0.isFinite },
      "\(values.count) singular values for a \(rows) x \(columns) matrix")
    self.values = values.sorted(by: >)
    self.rows = rows
    self.columns = columns
  }

  /// The spectrum of a matrix, min(rows, columns) values.
  package init<Scalar: BLASScalar>(
    of matrix: Matrix<Scalar>, route: SingularValues.Route = .gram
  ) throws(Gap) {
    let values = try Gap.from { () throws(LinearAlgebraError) in
      try SingularValues.of(matrix, route: route)
    }
    self.init(values: values, rows: matrix.rows, columns: matrix.columns)
  }

  /// The spectrum of A B without forming it: the values beyond the inner dimension, which are 0,
  /// are left out.
  package init<Scalar: BLASScalar>(
    ofProduct a: Matrix<Scalar>, _ b: Matrix<Scalar>, route: SingularValues.Route = .gram
  ) throws(Gap) {
    let values = try Gap.from { () throws(LinearAlgebraError) in
      try SingularValues.ofProduct(a, b, route: route)
    }
    self.init(values: values, rows: a.rows, columns: b.columns)
  }

  /// The spectrum of A B for the transpose Aᵀ [r, m] and B [r, n]: the form that costs no copy.
  package init<Scalar: BLASScalar>(
    ofProductWithTranspose aTransposed: Matrix<Scalar>, _ b: Matrix<Scalar>,
    route: SingularValues.Route = .gram
  ) throws(Gap) {
    let values = try Gap.from { () throws(LinearAlgebraError) in
      try SingularValues.ofProduct(transposeOf: aTransposed, b, route: route)
    }
    self.init(values: values, rows: aTransposed.columns, columns: b.columns)
  }

  /// The first `count` values, as the paper's code cuts every spectrum (variant `published`):
  /// measures then normalise over what is left. METHODS section 4.
  package func truncated(to count: Int) -> Spectrum {
    precondition(count >= 0, "cut to \(count) values")
    return Spectrum(values: Array(values.prefix(count)), rows: rows, columns: columns)
  }

  /// The mean of several spectra, value by value: with several gradient batches the spectra are
  /// averaged and ranks are taken of the mean, as the paper's code does.
  package static func mean(of spectra: [Spectrum]) -> Spectrum {
    guard let first = spectra.first else { preconditionFailure("the mean of no spectra") }
    precondition(
      spectra.allSatisfy {
        ($0.rows, $0.columns, $0.values.count) == (first.rows, first.columns, first.values.count)
      }, "the mean of spectra of different shapes")
    let sums = first.values.indices.map { index in
      spectra.reduce(0) { $0 + $1.values[index] }
    }
    return Spectrum(
      values: sums.map { $0 / Double(spectra.count) }, rows: first.rows, columns: first.columns)
  }
}
