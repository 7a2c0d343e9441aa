import Testing

@testable import LinearAlgebra

@Suite struct CenteringTests {
  @Test func columnsOfTheResultHaveMeanZeroAndTheSameDifferences() {
    var stream = NumberStream(seed: 1)
    let a = stream.matrix(10, 3)
    let centered = a.columnCentered
    for column in 0..<3 {
      let mean = (0..<10).reduce(0) { $0 + centered[$1, column] } / 10
      #expect(abs(mean) < 0x1p-50)
      #expect(
        abs(centered[4, column] - centered[9, column] - (a[4, column] - a[9, column])) < 0x1p-50)
    }
  }

  @Test func aConstantColumnBecomesExactlyZero() {
    // 0.1 + … + 0.1 is not 0.7 in binary, so removing the computed mean would leave rounding.
    let a = Matrix<Double>(rows: 7, columns: 1, elements: .init(repeating: 0.1, count: 7))
    #expect(a.columnCentered.elements.allSatisfy { $0 == 0 })
  }

  @Test func aMeanOfThousandsOfStandardDeviationsCostsNoDigits() {
    var stream = NumberStream(seed: 2)
    // Multiples of 2⁻²⁰ plus a power of two: sums and differences are exact in Double.
    let small = Matrix<Double>(
      rows: 64, columns: 2,
      elements: (0..<128).map { _ in (stream.next() * 0x1p20).rounded() * 0x1p-20 })
    let shifted = Matrix<Double>(
      rows: 64, columns: 2, elements: small.elements.map { $0 + 0x1p14 })
    #expect(largestDifference(small.columnCentered, shifted.columnCentered) < 0x1p-50)
  }

  @Test func columnMeansAreSumsOverCounts() {
    let a = Matrix<Float>(rows: 2, columns: 2, elements: [1, 2, 5, -4])
    #expect(a.columnMeans == [3, -1])
  }
}
