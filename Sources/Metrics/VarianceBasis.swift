import Foundation
import LinearAlgebra

/// The directions in which the rows of a centred matrix vary.
struct VarianceBasis: Sendable {
  /// U [n, r]: orthonormal, by descending variance, those with a variance above rounding.
  let directions: Matrix<Double>
  /// The singular values of the centred matrix [r], descending, > 0.
  let values: [Double]
  /// How many leading directions hold `keptVariance` of the variance.
  let keptCount: Int

  /// The share of variance that SVCCA keeps. Raghu et al. 2017.
  static let keptVariance = 0.99

  init(_ centered: Matrix<Double>, gram: Matrix<Double>) throws(Gap) {
    let (u, squares) = try Gap.from { () throws(LinearAlgebraError) in
      guard centered.columns < centered.rows else {
        let eigen = try SymmetricEigen(of: gram)
        let order = eigen.values.indices.reversed()
        return (
          eigen.vectors.selectingRows(Array(order)).transposed,
          order.map { max(eigen.values[$0], 0) }
        )
      }
      let svd = try ThinSVD(of: centered)
      return (svd.u, svd.values.map { $0 * $0 })
    }
    let rank = squares.prefix { $0 > 1e-14 * squares[0] }.count
    guard rank > 0 else { throw .constantMatrix }
    directions = u.selectingColumns(0..<rank)
    values = squares[..<rank].map { $0.squareRoot() }
    let wanted = Self.keptVariance * squares.reduce(0, +)
    var (sum, count) = (0.0, 0)
    while count < rank, sum < wanted {
      sum += squares[count]
      count += 1
    }
    keptCount = count
  }

  /// U [n, kept].
  var kept: Matrix<Double> { directions.selectingColumns(0..<keptCount) }

  /// U S [n, r], whose rows have the inner products of the matrix's rows.
  var scaledDirections: Matrix<Double> {
    var scaled = directions
    for row in 0..<scaled.rows {
      for column in 0..<scaled.columns { scaled[row, column] *= values[column] }
    }
    return scaled
  }
}

/// Canonical correlations of the kept directions of two matrices.
struct CanonicalCorrelations {
  /// Descending, in [0, 1]; as many as the smaller number of kept directions.
  let values: [Double]
  /// The canonical variables of the first matrix [n, values].
  private let variables: Matrix<Double>

  /// Throws `n_le_d` where the kept dimensions reach half the rows: two subspaces of so many of n
  /// dimensions meet whatever the data.
  init(_ x: VarianceBasis, _ y: VarianceBasis) throws(Gap) {
    let n = x.directions.rows
    guard 2 * max(x.keptCount, y.keptCount) < n else { throw .tooFewRowsForDimensions }
    let (own, other) = (x.kept, y.kept)
    let svd = try Gap.from { () throws(LinearAlgebraError) in
      try ThinSVD(of: own.transposeMultiplied(by: other))
    }
    values = svd.values.map { min($0, 1) }
    variables = own.multiplied(by: svd.u)
  }

  /// Their mean. Raghu et al. 2017.
  var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// Their mean weighted by Σ_j |h_i · x_j| over the columns x_j of the first matrix. Morcos et al.
  /// 2018, eq. 4 and below.
  func mean(weightedBy centered: Matrix<Double>) -> Double {
    let projections = variables.transposeMultiplied(by: centered)
    let weights = (0..<projections.rows).map { row in
      projections.elements[row * projections.columns..<(row + 1) * projections.columns]
        .reduce(0) { $0 + abs($1) }
    }
    return dotProduct(weights, values) / weights.reduce(0, +)
  }
}
