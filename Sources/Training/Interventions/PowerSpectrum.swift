import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A matrix with its singular values raised to a power.
enum PowerSpectrum {
  /// U diag(σ^exponent) Vᵀ, scaled to the Frobenius norm of `matrix`; zero values stay zero.
  static func apply(_ exponent: Double, to matrix: Matrix<Float>) throws -> Matrix<Float> {
    let svd = try ThinSVD(of: matrix)
    let largest = svd.values.first ?? 0
    guard largest > 0 else { return matrix }
    // Relative to the largest, so that no power overflows.
    let powers = svd.values.map { value in
      value > largest * 1e-12 ? pow(value / largest, exponent) : 0
    }
    let norm = svd.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let scale = norm / powers.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var right = svd.vTransposed
    for row in 0..<right.rows {
      for column in 0..<right.columns { right[row, column] *= powers[row] * scale }
    }
    let product = svd.u.multiplied(by: right)
    return Matrix(
      rows: matrix.rows, columns: matrix.columns, elements: product.elements.map(Float.init))
  }
}

extension InterventionSettings {
  /// Replaces each matrix that is covered by that with σ ← σ^exponent.
  func raiseSpectra(of state: inout TrainingState, to exponent: Double) throws {
    for index in state.tensors.indices {
      guard let matrix = BlockMatrix(tensor: state.tensors[index].name), covers(matrix) else {
        continue
      }
      state.tensors[index].values =
        try PowerSpectrum.apply(exponent, to: state.tensors[index].matrix).elements
    }
  }
}
