import Testing

@testable import LinearAlgebra

@Suite struct FactorizationTests {
  static let shapes = [(1, 1), (5, 3), (3, 5), (40, 17), (17, 40), (33, 33)]

  @Test(arguments: shapes)
  func qTimesRIsTheMatrixAndQIsOrthonormal(m: Int, n: Int) throws {
    var stream = NumberStream(seed: 1)
    let a = stream.matrix(m, n)
    let qr = try QRFactorization(of: a)
    let k = min(m, n)
    #expect(largestDifference(qr.q.multiplied(by: qr.r), a) < 1e-13)
    #expect(largestDifference(qr.q.columnGram, identity(k)) < 1e-13)
    for row in 0..<k {
      for column in 0..<row { #expect(qr.r[row, column] == 0) }
    }
    let transposedR = try QRFactorization.transposedR(ofTranspose: a.transposed)
    #expect(transposedR == qr.r.transposed)
  }

  @Test func aRankDeficientMatrixStillFactors() throws {
    var stream = NumberStream(seed: 2)
    let a = stream.matrix(8, 2).multiplied(by: stream.matrix(2, 5))
    let qr = try QRFactorization(of: a)
    #expect(largestDifference(qr.q.multiplied(by: qr.r), a) < 1e-13)
    #expect(largestDifference(qr.q.columnGram, identity(5)) < 1e-13)
  }

  @Test(arguments: [1, 2, 25])
  func eigenvectorsDiagonaliseTheMatrix(n: Int) throws {
    var stream = NumberStream(seed: 3)
    let a = stream.matrix(n, n + 2).rowGram
    let eigen = try SymmetricEigen(of: a)
    #expect(eigen.values == eigen.values.sorted())
    #expect(largestDifference(eigen.vectors.rowGram, identity(n)) < 1e-13)
    var scaled = eigen.vectors
    for row in 0..<n {
      for column in 0..<n { scaled[row, column] *= eigen.values[row] }
    }
    #expect(largestDifference(eigen.vectors.transposeMultiplied(by: scaled), a) < 1e-12)
    let alone = try SymmetricEigen.values(of: a)
    #expect(zip(alone, eigen.values).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test(arguments: shapes)
  func thinSVDReconstructsTheMatrixByBothAlgorithms(m: Int, n: Int) throws {
    var stream = NumberStream(seed: 4)
    let a = stream.matrix(m, n)
    let k = min(m, n)
    for algorithm in [SingularValues.Algorithm.divideAndConquer, .implicitQR] {
      let svd = try ThinSVD(a, algorithm: algorithm)
      #expect(largestDifference(svd.u.columnGram, identity(k)) < 1e-13)
      #expect(largestDifference(svd.vTransposed.rowGram, identity(k)) < 1e-13)
      var scaled = svd.vTransposed
      for row in 0..<k {
        for column in 0..<n { scaled[row, column] *= svd.values[row] }
      }
      #expect(largestDifference(svd.u.multiplied(by: scaled), a) < 1e-12)
    }
  }

  @Test func aNonFiniteEntryIsNamed() {
    var a = Matrix<Double>(rows: 3, columns: 4)
    a[2, 1] = .nan
    #expect(throws: LinearAlgebraError.nonFinite(routine: "singular values", row: 2, column: 1)) {
      try SingularValues.of(a)
    }
    #expect(throws: LinearAlgebraError.nonFinite(routine: "dgesdd", row: 2, column: 1)) {
      try ThinSVD(of: a)
    }
    a[2, 1] = -.infinity
    #expect(throws: LinearAlgebraError.nonFinite(routine: "dgeqrf", row: 1, column: 2)) {
      try QRFactorization.transposedR(ofTranspose: a.transposed)
    }
  }
}
