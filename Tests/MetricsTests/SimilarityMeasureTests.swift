import Foundation
import LinearAlgebra
import Statistics
import Testing

@testable import Metrics

@Suite struct SimilarityMeasureTests {
  static let measures = SimilarityMeasure.allCases

  private func value(
    _ measure: SimilarityMeasure, _ x: Matrix<Double>, _ y: Matrix<Double>
  ) throws -> Double {
    let results = ActivationGeometry(y, measures: [measure])
      .similarities(of: ActivationGeometry(x, measures: [measure]))
    return try #require(results[measure]).get()
  }

  /// 60 rows that vary in 4 directions, so that no subspace reaches half the rows.
  private func pair(seed: UInt64) -> (Matrix<Double>, Matrix<Double>) {
    var draws = Draws(seed: seed)
    return draws.relatedPair(60, 7, 7)
  }

  @Test(arguments: measures)
  func identicalMatricesHaveOneAndOthersLess(measure: SimilarityMeasure) throws {
    let (x, y) = pair(seed: 1)
    // arccos and canonical correlations near 1 lose half the digits.
    #expect(try abs(value(measure, x, x) - 1) < 1e-7)
    let other = try value(measure, x, y)
    #expect(other < 0.99)
    #expect(other > -1)
  }

  /// The table that the "Methods" page shows: what is stated not to matter changes nothing, what is
  /// stated to matter changes the value.
  @Test(arguments: measures)
  func theTableOfInvariancesHolds(measure: SimilarityMeasure) throws {
    var draws = Draws(seed: 2)
    let (x, y) = pair(seed: 3)
    let base = try value(measure, x, y)
    func expect(_ invariant: Bool, _ changed: Double, _ what: String) {
      // Neighbour lists change in steps of 1/600.
      if invariant {
        #expect(abs(changed - base) < 1e-9, "\(what)")
      } else {
        #expect(abs(changed - base) > 1e-3, "\(what)")
      }
    }
    let table = measure.invariances
    try expect(
      table.orthogonal, value(measure, x.multiplied(by: draws.orthogonal(7)), y), "orthogonal")
    try expect(table.scaling, value(measure, 37.3 * x, y), "scaling")
    try expect(table.translation, value(measure, translated(x, by: 3), y), "translation")
    var stretched = try x.multiplied(by: draws.orthogonal(7))
    for row in 0..<60 {
      for column in 0..<7 { stretched[row, column] *= column < 2 ? 8 : 0.5 }
    }
    try expect(table.linear, value(measure, stretched, y), "linear")
    try expect(table.symmetry, value(measure, y, x), "symmetry")
  }

  @Test(arguments: CKAEstimator.allCases)
  func theTableHoldsForLinearCKA(estimator: CKAEstimator) throws {
    #expect(
      estimator.invariances
        == Invariances(
          orthogonal: true, scaling: true, translation: true, linear: false, symmetry: true))
    var draws = Draws(seed: 4)
    let (x, y) = pair(seed: 5)
    let base = try linearCKA(x, y, estimator: estimator)
    let moved = translated(37.3 * (try x.multiplied(by: draws.orthogonal(7))), by: 3)
    #expect(try abs(linearCKA(moved, y, estimator: estimator) - base) < 1e-11)
    #expect(try abs(linearCKA(y, x, estimator: estimator) - base) < 1e-11)
    var stretched = x
    for row in 0..<60 { stretched[row, 0] *= 8 }
    #expect(try abs(linearCKA(stretched, y, estimator: estimator) - base) > 1e-3)
  }

  @Test func rbfCKAFollowsItsDefinition() throws {
    let (x, y) = pair(seed: 6)
    func kernel(_ a: Matrix<Double>) throws -> [[Double]] {
      let squares = (0..<60).map { i in
        (0..<60).map { j in (0..<7).reduce(0) { $0 + pow(a[i, $1] - a[j, $1], 2) } }
      }
      let distances = (0..<60).flatMap { i in (0..<i).map { squares[i][$0].squareRoot() } }
      let sigma = try 0.5 * #require(median(of: distances))
      return squares.map { $0.map { exp(-$0 / (2 * sigma * sigma)) } }
    }
    let (k, l) = try (kernel(x), kernel(y))
    let expected =
      Literally.biasedHSIC(k, l)
      / (Literally.biasedHSIC(k, k) * Literally.biasedHSIC(l, l)).squareRoot()
    #expect(try abs(value(.rbfCKA, x, y) - expected) < 1e-12)
  }

  /// By the textbook route: whitening covariances instead of orthonormal bases.
  @Test func canonicalCorrelationsAreThoseOfTheWhitenedCovariance() throws {
    let (x, y) = pair(seed: 7)
    func kept(_ a: Matrix<Double>) throws -> Matrix<Double> {
      let centered = a.columnCentered
      let svd = try ThinSVD(of: centered)
      let total = svd.values.reduce(0) { $0 + $1 * $1 }
      var (sum, count) = (0.0, 0)
      while sum < 0.99 * total {
        sum += svd.values[count] * svd.values[count]
        count += 1
      }
      return centered.multiplied(byTransposeOf: svd.vTransposed.selectingRows(0..<count))
    }
    func inverseRoot(_ gram: Matrix<Double>) throws -> Matrix<Double> {
      let eigen = try SymmetricEigen(of: gram)
      var scaled = eigen.vectors
      for row in 0..<scaled.rows {
        for column in 0..<scaled.columns { scaled[row, column] /= eigen.values[row].squareRoot() }
      }
      return eigen.vectors.transposeMultiplied(by: scaled)
    }
    let (a, b) = try (kept(x), kept(y))
    let whitened = try inverseRoot(a.columnGram).multiplied(by: a.transposeMultiplied(by: b))
      .multiplied(by: inverseRoot(b.columnGram))
    let svd = try ThinSVD(of: whitened)
    let count = Double(svd.values.count)
    #expect(try abs(value(.svcca, x, y) - svd.values.reduce(0, +) / count) < 1e-9)
    // PWCCA: the canonical variables in sample space, and their products with X's columns.
    let variables = try a.multiplied(by: inverseRoot(a.columnGram).multiplied(by: svd.u))
    let projections = variables.transposeMultiplied(by: x.columnCentered)
    let weights = (0..<projections.rows).map { row in
      (0..<7).reduce(0) { $0 + abs(projections[row, $1]) }
    }
    let expected =
      zip(weights, svd.values).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
    #expect(try abs(value(.pwcca, x, y) - expected) < 1e-9)
  }

  @Test func canonicalMeasuresAreAGapWhereTheyWouldBeNearOneWhateverTheData() throws {
    var draws = Draws(seed: 8)
    let (x, y) = (draws.gaussian(30, 40), draws.gaussian(30, 40))
    for measure in [SimilarityMeasure.svcca, .pwcca] {
      #expect(throws: Gap.tooFewRowsForDimensions) { try value(measure, x, y) }
    }
    #expect(Gap.tooFewRowsForDimensions.rawValue == "n_le_d")
  }

  /// Both routes to the bases: more rows than features and fewer.
  @Test(arguments: [(40, 6), (12, 50)])
  func procrustesIsTheAngleToTheBestOrthogonalMap(n: Int, p: Int) throws {
    var draws = Draws(seed: 9)
    let (x, y) = draws.relatedPair(n, p, p)
    let (a, b) = (x.columnCentered, y.columnCentered)
    let svd = try ThinSVD(of: a.transposeMultiplied(by: b))
    let best = svd.u.multiplied(by: svd.vTransposed)
    let turned = a.multiplied(by: best)
    let cosine =
      zip(turned.elements, b.elements).reduce(0) { $0 + $1.0 * $1.1 }
      / (a.squaredFrobeniusNorm * b.squaredFrobeniusNorm).squareRoot()
    #expect(try abs(value(.procrustes, x, y) - (1 - 2 / Double.pi * acos(cosine))) < 1e-7)
    #expect(
      try abs(value(.procrustes, x.multiplied(by: draws.orthogonal(p)), x) - 1) < 1e-7)
  }

  @Test func rsaIsSpearmanOfTheDistances() throws {
    let (x, y) = pair(seed: 10)
    func distances(_ a: Matrix<Double>) -> [Double] {
      (0..<60).flatMap { i in
        (0..<i).map { j in (0..<7).reduce(0) { $0 + pow(a[i, $1] - a[j, $1], 2) }.squareRoot() }
      }
    }
    let expected = try #require(spearman(distances(x), distances(y)))
    #expect(try abs(value(.rsa, x, y) - expected) < 1e-12)
  }

  @Test func equalRowsAreEquallyFarFromEverything() throws {
    var draws = Draws(seed: 11)
    let x = translated(draws.gaussian(9, 5), by: 1e4)
    let doubled = x.selectingRows(Array(0..<9) + Array(0..<9)).columnCentered
    let squares = RowDistances(doubled, gram: doubled.rowGram).squares
    for row in 0..<9 {
      #expect(squares[row, row + 9] == 0)
      for other in 0..<9 where other != row {
        #expect(abs(squares[row, other] - squares[row + 9, other]) <= 1e-12 * squares[row, other])
      }
    }
  }

  @Test func theCosineIsTheMeanOverMatchedCentredRows() throws {
    let x = Matrix<Double>(rows: 2, columns: 2, elements: [1, 0, -1, 0])
    let y = Matrix<Double>(rows: 2, columns: 2, elements: [1, 1, -1, -1])
    #expect(try abs(value(.cosine, x, y) - 0.5.squareRoot()) < 1e-15)
    #expect(try value(.cosine, x, -1 * x) == -1)
    #expect(throws: Gap.differentFeatures) {
      try value(.cosine, x, Matrix(rows: 2, columns: 1, elements: [1, 2]))
    }
    let centred = Matrix<Double>(rows: 3, columns: 1, elements: [-1, 0, 1])
    #expect(throws: Gap.zeroRow) { try value(.cosine, centred, centred) }
  }

  @Test func neighbourOverlapCountsTheSharedNearestRows() throws {
    var draws = Draws(seed: 12)
    let (x, y) = (draws.gaussian(25, 1), draws.gaussian(25, 1))
    func nearest(_ a: Matrix<Double>, _ row: Int) -> Set<Int> {
      Set(
        (0..<25).filter { $0 != row }.sorted {
          abs(a[$0, 0] - a[row, 0]) < abs(a[$1, 0] - a[row, 0])
        }
        .prefix(10))
    }
    let shared = (0..<25).reduce(0) { $0 + nearest(x, $1).intersection(nearest(y, $1)).count }
    #expect(try value(.neighbourOverlap, x, y) == Double(shared) / 250)
    #expect(throws: Gap.tooFewRows) {
      try value(.neighbourOverlap, draws.gaussian(10, 2), draws.gaussian(10, 2))
    }
  }

  @Test(arguments: measures)
  func whatIsNotDefinedIsAGap(measure: SimilarityMeasure) throws {
    var draws = Draws(seed: 13)
    let y = draws.gaussian(30, 3)
    #expect(throws: Gap.constantMatrix) {
      try value(measure, translated(Matrix(rows: 30, columns: 3), by: 0.1), y)
    }
    var broken = y
    broken[3, 1] = .nan
    #expect(throws: Gap.nonFinite) { try value(measure, y, broken) }
    #expect(throws: Gap.tooFewRows) {
      try value(measure, y.rowTop(1), y.rowTop(1))
    }
  }

  @Test func manyEqualRowsLeaveNoBandwidthAndEqualDistancesNoOrder() throws {
    var x = Matrix<Double>(rows: 30, columns: 2)
    x[4, 0] = 1
    x[5, 1] = 3
    #expect(throws: Gap.zeroMedianDistance) { try value(.rbfCKA, x, x) }
    var simplex = Matrix<Double>(rows: 4, columns: 4)
    for row in 0..<4 { simplex[row, row] = 1 }
    #expect(throws: Gap.constantDistances) { try value(.rsa, simplex, simplex) }
  }

  @Test(arguments: measures)
  func meansOfAThousandDeviationsAndHugeScalesChangeNothing(measure: SimilarityMeasure) throws {
    let (x, y) = pair(seed: 14)
    let base = try value(measure, x, y)
    #expect(try abs(value(measure, translated(x, by: 1000), y) - base) < 1e-8)
    #expect(try abs(value(measure, 1e120 * x, 1e-120 * y) - base) < 1e-8)
  }

  @Test func onlySharedMeasuresAreCompared() {
    let (x, y) = pair(seed: 15)
    let results = ActivationGeometry(y, measures: [.rsa, .cosine])
      .similarities(of: ActivationGeometry(x, measures: [.cosine, .svcca]))
    #expect(Array(results.keys) == [.cosine])
  }
}
