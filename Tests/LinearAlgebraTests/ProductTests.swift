import Testing

@testable import LinearAlgebra

@Suite struct ProductTests {
  /// Shapes with sides of 1, odd sides and both orientations.
  static let shapes = [(1, 1, 1), (3, 5, 2), (7, 1, 4), (40, 33, 37), (65, 130, 3)]

  @Test(arguments: shapes)
  func productsAreThoseOfTheDefinition(m: Int, k: Int, n: Int) {
    var stream = NumberStream(seed: 1)
    let (a, b) = (stream.matrix(m, k), stream.matrix(k, n))
    let expected = productByDefinition(a, b)
    // k additions of numbers below 1: k units of rounding.
    let tolerance = Double(k) * 0x1p-52
    #expect(largestDifference(a.multiplied(by: b), expected) <= tolerance)
    #expect(largestDifference(a.transposed.transposeMultiplied(by: b), expected) <= tolerance)
    #expect(largestDifference(a.multiplied(byTransposeOf: b.transposed), expected) <= tolerance)
  }

  @Test(arguments: shapes)
  func gramMatricesAreProductsWithTheTransposeAndExactlySymmetric(m: Int, k: Int, n: Int) {
    var stream = NumberStream(seed: 2)
    let a = stream.matrix(m, k)
    let tolerance = Double(max(m, k)) * 0x1p-52
    #expect(
      largestDifference(a.rowGram, productByDefinition(a, a.transposed)) <= tolerance)
    #expect(
      largestDifference(a.columnGram, productByDefinition(a.transposed, a)) <= tolerance)
    #expect(a.rowGram == a.rowGram.transposed)
    #expect(a.columnGram == a.columnGram.transposed)
  }

  @Test func emptyFactorsGiveZerosAndEmptyProducts() {
    let tall = Matrix<Double>(rows: 3, columns: 0)
    let wide = Matrix<Double>(rows: 0, columns: 2)
    #expect(tall.multiplied(by: wide) == Matrix(rows: 3, columns: 2))
    #expect(wide.multiplied(by: Matrix(rows: 2, columns: 4)) == Matrix(rows: 0, columns: 4))
    #expect(tall.rowGram == Matrix(rows: 3, columns: 3))
  }

  @Test func floatProductsAgreeWithDouble() {
    var stream = NumberStream(seed: 3)
    let a = Matrix<Float>(
      rows: 9, columns: 11, elements: (0..<99).map { _ in Float(stream.next()) })
    let exact = a.upcast.rowGram
    #expect(largestDifference(a.rowGram.upcast, exact) < 11 * 0x1p-23)
    #expect(a.inDouble == a.upcast)
  }

  @Test func transposingTwiceIsTheIdentity() {
    var stream = NumberStream(seed: 4)
    let a = stream.matrix(37, 50)
    #expect(a.transposed[49, 36] == a[36, 49])
    #expect(a.transposed.transposed == a)
  }

  @Test(arguments: [1, 7, 8, 9, 64])
  func theSquaredNormIsTheSumOfSquares(count: Int) {
    var stream = NumberStream(seed: 5)
    let a = stream.matrix(1, count)
    let expected = a.elements.reduce(0) { $0 + $1 * $1 }
    #expect(abs(a.squaredFrobeniusNorm - expected) <= Double(count) * 0x1p-52)
  }
}
