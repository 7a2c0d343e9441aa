import Foundation
import LinearAlgebra
import Metrics
import Statistics

/// Random matrices of the tests.
struct Draws {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func gaussian(_ rows: Int, _ columns: Int) -> Matrix<Double> {
    Matrix(rows: rows, columns: columns, elements: generator.gaussians(rows * columns))
  }

  /// [n, n] with orthonormal columns.
  mutating func orthogonal(_ n: Int) throws -> Matrix<Double> {
    try QRFactorization(of: gaussian(n, n)).q
  }

  /// X and Y that share part of their features: CKA well between 0 and 1.
  mutating func relatedPair(_ n: Int, _ p: Int, _ q: Int) -> (Matrix<Double>, Matrix<Double>) {
    let shared = gaussian(n, 3)
    return (
      gaussian(n, p) + shared.multiplied(by: gaussian(3, p)),
      gaussian(n, q) + shared.multiplied(by: gaussian(3, q))
    )
  }
}

func + (a: Matrix<Double>, b: Matrix<Double>) -> Matrix<Double> {
  Matrix(rows: a.rows, columns: a.columns, elements: zip(a.elements, b.elements).map { $0 + $1 })
}

func * (factor: Double, a: Matrix<Double>) -> Matrix<Double> {
  Matrix(rows: a.rows, columns: a.columns, elements: a.elements.map { factor * $0 })
}

/// `a` with a different constant added to each column.
func translated(_ a: Matrix<Double>, by shift: Double) -> Matrix<Double> {
  var result = a
  for row in 0..<a.rows {
    for column in 0..<a.columns { result[row, column] += shift * Double(column + 1) }
  }
  return result
}

extension Matrix<Double> {
  var inFloat: Matrix<Float> {
    Matrix<Float>(rows: rows, columns: columns, elements: elements.map(Float.init))
  }
}

extension Result where Failure == Gap {
  /// The gap, if it is one.
  var gap: Gap? {
    if case .failure(let gap) = self { gap } else { nil }
  }
}

/// Linear CKA as the papers write it, in the most literal way: the second formula of the tests.
enum Literally {
  static func cka(_ x: Matrix<Double>, _ y: Matrix<Double>, _ estimator: CKAEstimator) -> Double {
    let (k, l) = (gram(x), gram(y))
    let hsic = estimator == .biased ? biasedHSIC : unbiasedHSIC
    return hsic(k, l) / (hsic(k, k) * hsic(l, l)).squareRoot()
  }

  /// X Xᵀ of the matrix as it is.
  static func gram(_ x: Matrix<Double>) -> [[Double]] {
    (0..<x.rows).map { i in
      (0..<x.rows).map { j in (0..<x.columns).reduce(0) { $0 + x[i, $1] * x[j, $1] } }
    }
  }

  /// tr(K H L H).
  static func biasedHSIC(_ k: [[Double]], _ l: [[Double]]) -> Double {
    let n = k.count
    func centered(_ m: [[Double]]) -> [[Double]] {
      let means = m.map { $0.reduce(0, +) / Double(n) }
      let mean = means.reduce(0, +) / Double(n)
      return (0..<n).map { i in (0..<n).map { j in m[i][j] - means[i] - means[j] + mean } }
    }
    return product(centered(k), centered(l))
  }

  /// Song et al. 2007, eq. 5: tr(K̃L̃) + 1ᵀK̃1 1ᵀL̃1 / ((n−1)(n−2)) − 2/(n−2) 1ᵀK̃L̃1, without its
  /// factor 1/(n(n−3)).
  static func unbiasedHSIC(_ k: [[Double]], _ l: [[Double]]) -> Double {
    let n = k.count
    func hollow(_ m: [[Double]]) -> [[Double]] {
      (0..<n).map { i in (0..<n).map { j in i == j ? 0 : m[i][j] } }
    }
    let (a, b) = (hollow(k), hollow(l))
    let (sumsOfA, sumsOfB) = (a.map { $0.reduce(0, +) }, b.map { $0.reduce(0, +) })
    let crossed = zip(sumsOfA, sumsOfB).reduce(0) { $0 + $1.0 * $1.1 }
    let totals = sumsOfA.reduce(0, +) * sumsOfB.reduce(0, +)
    return product(a, b) + totals / (Double(n - 1) * Double(n - 2)) - 2 / Double(n - 2) * crossed
  }

  private static func product(_ a: [[Double]], _ b: [[Double]]) -> Double {
    zip(a, b).reduce(0) { sum, rows in zip(rows.0, rows.1).reduce(sum) { $0 + $1.0 * $1.1 } }
  }
}
