import Testing

@testable import LinearAlgebra

@Suite struct SingularValuesTests {
  /// Sides up to and over the 1,024 columns of a slice.
  static let shapes = [(1, 1), (1, 6), (6, 1), (12, 40), (40, 12), (20, 20), (5, 1500), (2100, 4)]

  @Test(arguments: shapes)
  func theRoutesAgree(m: Int, n: Int) throws {
    var stream = NumberStream(seed: 1)
    let a = stream.matrix(m, n)
    let exact = try SingularValues.of(a, route: .exact)
    let gram = try SingularValues.of(a, route: .gram)
    let implicit = try SingularValues.byLAPACK(a, algorithm: .implicitQR)
    #expect(exact.count == min(m, n))
    #expect(exact == exact.sorted(by: >))
    let largest = try #require(exact.first)
    for (index, value) in exact.enumerated() {
      #expect(abs(implicit[index] - value) <= 1e-13 * largest)
      // Squaring halves the digits of a value relative to the largest: ε σ₁² / 2σ.
      #expect(abs(gram[index] - value) <= 1e-14 * largest * largest / value)
    }
  }

  @Test func theSquaresSumToTheSquaredNorm() throws {
    var stream = NumberStream(seed: 2)
    let a = stream.matrix(30, 50)
    for route in SingularValues.Route.allCases {
      let values = try SingularValues.of(a, route: route)
      let sum = values.reduce(0) { $0 + $1 * $1 }
      #expect(abs(sum - a.squaredFrobeniusNorm) < 1e-12 * sum)
    }
  }

  @Test(arguments: SingularValues.Route.allCases)
  func aDiagonalMatrixGivesItsMagnitudesInDescendingOrder(route: SingularValues.Route) throws {
    var a = Matrix<Double>(rows: 4, columns: 6)
    for (index, value) in [2.0, -5, 0, 3].enumerated() { a[index, index] = value }
    let values = try SingularValues.of(a, route: route)
    #expect(zip(values, [5, 3, 2, 0]).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test(arguments: SingularValues.Route.allCases)
  func aZeroMatrixGivesZerosAndAnEmptyOneNothing(route: SingularValues.Route) throws {
    #expect(try SingularValues.of(Matrix<Float>(rows: 3, columns: 7), route: route) == [0, 0, 0])
    #expect(try SingularValues.of(Matrix<Float>(rows: 0, columns: 7), route: route) == [])
  }

  @Test(arguments: [1e-305, 1e-200, 1e-30, 1e30, 1e200])
  func theScaleOfTheEntriesIsNoObstacle(factor: Double) throws {
    var stream = NumberStream(seed: 3)
    let a = stream.matrix(6, 9)
    let scaled = Matrix(rows: 6, columns: 9, elements: a.elements.map { $0 * factor })
    let expected = try SingularValues.of(a)
    let values = try SingularValues.of(scaled)
    #expect(zip(values, expected).allSatisfy { abs($0 / factor - $1) < 1e-13 * expected[0] })
  }

  @Test func floatInputsAreUpcastBeforeAnythingIsSquared() throws {
    var stream = NumberStream(seed: 4)
    let a = Matrix<Float>(
      rows: 20, columns: 80, elements: (0..<1600).map { _ in Float(stream.next()) })
    #expect(try SingularValues.of(a) == SingularValues.of(a.upcast))
  }

  /// (m, r, n): tall and wide outer sides, a thin core, a core of the full size and beyond it.
  @Test(arguments: [(30, 4, 20), (20, 4, 30), (9, 1, 9), (12, 12, 12), (8, 16, 8), (5, 7, 9)])
  func aProductHasTheValuesOfItsDenseForm(m: Int, r: Int, n: Int) throws {
    var stream = NumberStream(seed: 5)
    let (a, b) = (stream.matrix(m, r), stream.matrix(r, n))
    let dense = try SingularValues.of(productByDefinition(a, b), route: .exact)
    let values = try SingularValues.ofProduct(a, b)
    #expect(values.count == min(m, r, n))
    #expect(zip(values, dense).allSatisfy { abs($0 - $1) < 1e-13 * dense[0] })
    #expect(dense.dropFirst(r).allSatisfy { $0 < 1e-13 * dense[0] })
    #expect(try SingularValues.ofProduct(transposeOf: a.transposed, b) == values)
  }

  @Test func aProductWithDependentFactorsHasZeroValues() throws {
    var stream = NumberStream(seed: 6)
    let a = stream.matrix(20, 2).multiplied(by: stream.matrix(2, 6))
    let values = try SingularValues.ofProduct(a, stream.matrix(6, 25))
    #expect(values[1] > 1e-3)
    #expect(values.dropFirst(2).allSatisfy { $0 < 1e-14 * values[0] })
    let zero = try SingularValues.ofProduct(a, Matrix(rows: 6, columns: 25))
    #expect(zero == .init(repeating: 0, count: 6))
  }

  /// (m, r, n), and how far apart the scales of the factors' inner dimensions lie.
  @Test(arguments: [(30, 4, 20), (20, 4, 30), (40, 12, 50)], [1.0, 1e6])
  func theGramRouteOfAProductAgreesWithTheExactOne(
    shape: (m: Int, r: Int, n: Int), imbalance: Double
  ) throws {
    var stream = NumberStream(seed: 7)
    var (a, b) = (stream.matrix(shape.m, shape.r), stream.matrix(shape.r, shape.n))
    // As in a gradient: one half of A small, the other half of B small.
    for row in 0..<shape.m {
      for inner in 0..<shape.r / 2 { a[row, inner] /= imbalance }
    }
    for inner in shape.r / 2..<shape.r {
      for column in 0..<shape.n { b[inner, column] /= imbalance }
    }
    let exact = try SingularValues.ofProduct(a, b, route: .exact)
    let gram = try SingularValues.ofProduct(a, b, route: .gram)
    #expect(gram.count == exact.count)
    // Squaring halves the digits: ε σ₁² / σ, with the factors' condition on top.
    for (value, reference) in zip(gram, exact) {
      #expect(abs(value - reference) <= 1e-12 * exact[0] * exact[0] / reference)
    }
  }

  @Test func theGramRouteOfAProductHandsOverWhatItCannotFactor() throws {
    var stream = NumberStream(seed: 8)
    let a = stream.matrix(20, 4)
    // Dependent rows, a row of zeros, and squares that overflow.
    let dependent = stream.matrix(4, 2).multiplied(by: stream.matrix(2, 25))
    var zeroRow = stream.matrix(4, 25)
    for column in 0..<25 { zeroRow[1, column] = 0 }
    let huge = Matrix<Double>(
      rows: 4, columns: 25, elements: stream.matrix(4, 25).elements.map { $0 * 1e200 })
    for b in [dependent, zeroRow, huge] {
      let exact = try SingularValues.ofProduct(a, b, route: .exact)
      let gram = try SingularValues.ofProduct(a, b, route: .gram)
      for (value, reference) in zip(gram, exact) {
        #expect(abs(value - reference) <= 1e-7 * exact[0])
      }
    }
  }

  @Test func theCholeskyFactorMultipliesBackAndIsMissingForOthers() throws {
    var stream = NumberStream(seed: 9)
    let a = stream.matrix(9, 14).rowGram
    let factor = try #require(Cholesky.lowerFactor(of: a))
    #expect(largestDifference(factor.multiplied(byTransposeOf: factor), a) < 1e-14 * 14)
    for row in 0..<9 {
      for column in row + 1..<max(9, row + 1) { #expect(factor[row, column] == 0) }
    }
    var indefinite = identity(3)
    indefinite[2, 2] = -1
    #expect(Cholesky.lowerFactor(of: indefinite) == nil)
    indefinite[2, 2] = .nan
    #expect(Cholesky.lowerFactor(of: indefinite) == nil)
  }
}
