import Foundation
import LinearAlgebra
import Statistics

/// The squared Euclidean distances between the rows of a matrix.
struct RowDistances: Sendable {
  /// [n, n], symmetric, zero diagonal; 0 exactly for equal rows.
  let squares: Matrix<Double>

  /// From centred rows [n, p] and their Gram matrix: K_ii + K_jj − 2 K_ij, and directly where that
  /// cancels.
  init(_ centered: Matrix<Double>, gram: Matrix<Double>) {
    let (n, p) = (centered.rows, centered.columns)
    var squares = Matrix<Double>(rows: n, columns: n)
    centered.elements.withUnsafeBufferPointer { x in
      for i in 0..<n {
        for j in 0..<i {
          let scale = gram[i, i] + gram[j, j]
          var square = scale - 2 * gram[i, j]
          // Half of the digits are gone.
          if square < 1e-8 * scale {
            square = 0
            for feature in 0..<p {
              let difference = x[i * p + feature] - x[j * p + feature]
              square += difference * difference
            }
          }
          squares[i, j] = square
          squares[j, i] = square
        }
      }
    }
    self.squares = squares
  }

  /// Those of the pairs i > j, row by row [n (n − 1) / 2].
  var ofPairs: [Double] {
    var values: [Double] = []
    values.reserveCapacity(squares.rows * (squares.rows - 1) / 2)
    for row in 1..<max(squares.rows, 1) {
      values += squares.elements[row * squares.columns..<row * squares.columns + row]
    }
    return values
  }

  /// The Gaussian kernel exp(−d² / 2σ²) of these rows, σ = 0.5 × the median distance of pairs, ready
  /// for biased CKA. Kornblith et al. 2019, section 3.
  func gaussianKernel() throws(Gap) -> CenteredGram {
    guard let middle = median(of: ofPairs.map { $0.squareRoot() }), middle > 0 else {
      throw .zeroMedianDistance
    }
    let bandwidth = 0.5 * middle
    var kernel = squares
    for index in kernel.elements.indices {
      kernel.elements[index] = exp(-kernel.elements[index] / (2 * bandwidth * bandwidth))
    }
    kernel.doubleCenter()
    return CenteredGram(centeredGram: kernel)
  }

  /// Mid-ranks of the pairs' distances.
  func ranks() throws(Gap) -> [Double] {
    guard squares.rows >= 3 else { throw .tooFewRows }
    let pairs = ofPairs
    guard pairs.contains(where: { $0 != pairs[0] }) else { throw .constantDistances }
    return midRanks(of: pairs)
  }

  /// The nearest `k` other rows of each row; of equally near ones those with the smaller index.
  func neighbours(_ k: Int) throws(Gap) -> [Set<Int>] {
    let n = squares.rows
    guard n > k else { throw .tooFewRows }
    return (0..<n).map { row in
      let order = (0..<n).filter { $0 != row }.sorted { a, b in
        let (first, second) = (squares[row, a], squares[row, b])
        return first != second ? first < second : a < b
      }
      return Set(order.prefix(k))
    }
  }
}
