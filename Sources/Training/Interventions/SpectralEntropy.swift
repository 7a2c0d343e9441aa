import LanguageModels
import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Adds -strength · H / ln k to the loss for each matrix, H the entropy of its singular values' shares: the
/// logarithm of the effective rank (METHODS section 4). A positive strength raises the rank.
struct SpectralEntropy: Intervention {
  let settings: InterventionSettings

  func addGradient(
    of weights: InMemoryWeights, to gradients: inout [String: [Float]]
  ) throws {
    for (name, weight) in weights.tensors {
      guard let matrix = BlockMatrix(tensor: name), settings.covers(matrix) else { continue }
      let gradient = try Self.gradient(
        of: Matrix(rows: weight.shape[0], columns: weight.shape[1], elements: weight.elements))
      let factor = -settings.strength
      gradient.elements.withUnsafeBufferPointer { term in
        gradients[name]?.withUnsafeMutableBufferPointer { sum in
          for index in sum.indices { sum[index] += Float(factor * term[index]) }
        }
      }
    }
  }

  /// H / ln k of a matrix, in [0, 1]; 0 for a zero matrix.
  static func entropy(of matrix: Matrix<Float>) throws -> Double {
    let values = try ThinSVD(of: matrix).values
    let total = values.reduce(0, +)
    guard total > 0, values.count > 1 else { return 0 }
    let entropy = values.reduce(0) { sum, value in
      value > 0 ? sum - value / total * log(value / total) : sum
    }
    return entropy / log(Double(values.count))
  }

  /// ∂(H / ln k) / ∂W = U diag(g) Vᵀ with g_i = -(ln p_i + H) / (S ln k), p = σ / S and S = Σσ.
  ///
  /// From the eigenvectors of the smaller Gram matrix: U diag(g) Vᵀ = U diag(g / σ) Uᵀ W. At σ_i = 0 the entropy
  /// has no derivative; directions below 10⁻⁷ σ₁ get none.
  static func gradient(of matrix: Matrix<Float>) throws -> Matrix<Double> {
    let isTall = matrix.rows > matrix.columns
    let wide = (isTall ? matrix.transposed : matrix).upcast
    let k = wide.rows
    let eigen = try SymmetricEigen(of: wide.rowGram)
    let values = eigen.values.map { max($0, 0).squareRoot() }
    let total = values.reduce(0, +)
    guard total > 0, k > 1 else { return Matrix(rows: matrix.rows, columns: matrix.columns) }
    let floor = (values.max() ?? 0) * 1e-7
    let shares = values.map { $0 / total }
    let entropy = shares.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
    // Row i of `vectors` is u_i: Uᵀ with its rows scaled.
    var scaled = eigen.vectors
    for (index, value) in values.enumerated() {
      let factor =
        value > floor ? -(log(shares[index]) + entropy) / (total * value * log(Double(k))) : 0
      for column in 0..<k { scaled[index, column] *= factor }
    }
    let gradient = eigen.vectors.transposeMultiplied(by: scaled).multiplied(by: wide)
    return isTall ? gradient.transposed : gradient
  }
}
