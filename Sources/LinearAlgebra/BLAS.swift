import COpenBLAS

/// Whether an operand enters a product as stored or transposed.
package enum Transposition: Sendable {
  case none
  case transposed

  fileprivate var flag: CBLAS_TRANSPOSE { self == .none ? CblasNoTrans : CblasTrans }
}

/// A scalar for which BLAS has routines: `Float` and `Double`.
package protocol BLASScalar: BinaryFloatingPoint, Sendable {
  /// C (m x n) becomes alpha op(A) op(B) + beta C, all row-major with leading dimensions `lda`,
  /// `ldb`, `ldc` (elements from one row to the next). BLAS: sgemm, dgemm.
  static func gemm(
    _ transposeA: Transposition, _ transposeB: Transposition,
    m: Int, n: Int, k: Int, alpha: Self,
    _ a: UnsafePointer<Self>, lda: Int, _ b: UnsafePointer<Self>, ldb: Int,
    beta: Self, _ c: UnsafeMutablePointer<Self>, ldc: Int)

  /// The upper triangle of C (n x n) becomes alpha A Aᵀ + beta C for A [n, k], or alpha Aᵀ A + beta C
  /// for A [k, n] when `transposed`; the lower triangle is left alone. BLAS: ssyrk, dsyrk.
  static func syrk(
    _ transpose: Transposition, n: Int, k: Int, alpha: Self,
    _ a: UnsafePointer<Self>, lda: Int, beta: Self, _ c: UnsafeMutablePointer<Self>, ldc: Int)
}

/// A dimension as BLAS takes it.
private func dimension(_ value: Int) -> Int32 {
  guard let converted = Int32(exactly: value) else {
    preconditionFailure("dimension \(value) exceeds what BLAS can address")
  }
  return converted
}

extension Float: BLASScalar {
  package static func gemm(
    _ transposeA: Transposition, _ transposeB: Transposition,
    m: Int, n: Int, k: Int, alpha: Float,
    _ a: UnsafePointer<Float>, lda: Int, _ b: UnsafePointer<Float>, ldb: Int,
    beta: Float, _ c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeA.flag, transposeB.flag,
      dimension(m), dimension(n), dimension(k), alpha,
      a, dimension(lda), b, dimension(ldb), beta, c, dimension(ldc))
  }

  package static func syrk(
    _ transpose: Transposition, n: Int, k: Int, alpha: Float,
    _ a: UnsafePointer<Float>, lda: Int, beta: Float, _ c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    cblas_ssyrk(
      CblasRowMajor, CblasUpper, transpose.flag, dimension(n), dimension(k), alpha,
      a, dimension(lda), beta, c, dimension(ldc))
  }
}

extension Double: BLASScalar {
  package static func gemm(
    _ transposeA: Transposition, _ transposeB: Transposition,
    m: Int, n: Int, k: Int, alpha: Double,
    _ a: UnsafePointer<Double>, lda: Int, _ b: UnsafePointer<Double>, ldb: Int,
    beta: Double, _ c: UnsafeMutablePointer<Double>, ldc: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA.flag, transposeB.flag,
      dimension(m), dimension(n), dimension(k), alpha,
      a, dimension(lda), b, dimension(ldb), beta, c, dimension(ldc))
  }

  package static func syrk(
    _ transpose: Transposition, n: Int, k: Int, alpha: Double,
    _ a: UnsafePointer<Double>, lda: Int, beta: Double, _ c: UnsafeMutablePointer<Double>, ldc: Int
  ) {
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, transpose.flag, dimension(n), dimension(k), alpha,
      a, dimension(lda), beta, c, dimension(ldc))
  }
}
