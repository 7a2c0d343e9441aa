import Synchronization
import Testing

@testable import LinearAlgebra

@Suite struct LanesTests {
  struct Refusal: Error, Equatable { let index: Int }

  @Test(arguments: [1, 2, 5])
  func everyIndexIsVisitedOnceAndResultsKeepTheirOrder(width: Int) throws {
    let visits = Mutex([Int](repeating: 0, count: 40))
    Lanes(width: width).forEach(40) { index in visits.withLock { $0[index] += 1 } }
    #expect(visits.withLock { $0 } == .init(repeating: 1, count: 40))
    #expect(try Lanes(width: width).map(40) { $0 * $0 } == (0..<40).map { $0 * $0 })
  }

  @Test func neverMoreRunAtOnceThanTheWidthAllows() {
    let running = Atomic(0)
    let most = Atomic(0)
    Lanes(width: 2).forEach(60) { _ in
      let now = running.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
      most.max(now, ordering: .sequentiallyConsistent)
      for _ in 0..<2000 { _ = running.load(ordering: .sequentiallyConsistent) }
      running.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }
    #expect((1...2).contains(most.load(ordering: .sequentiallyConsistent)))
  }

  @Test(arguments: [1, 3])
  func theFirstErrorByIndexIsThrown(width: Int) {
    #expect(throws: Refusal(index: 3)) {
      try Lanes(width: width).map(20) { index in
        if index >= 3 { throw Refusal(index: index) }
        return index
      }
    }
  }

  @Test func rangesCoverEverythingAndOnlyTheLastIsShort() {
    let ranges = Mutex([Range<Int>]())
    Lanes(width: 2).forEachRange(10, grain: 4) { range in ranges.withLock { $0.append(range) } }
    #expect(
      ranges.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound } == [0..<4, 4..<8, 8..<10])
    Lanes(width: 2).forEachRange(0, grain: 4) { _ in Issue.record("nothing to do") }
  }

  /// More rows than a block holds, so that the cut is exercised; by either operand's layout.
  @Test(arguments: [Transposition.none, .transposed])
  func productsDoNotDependOnTheWidth(transposition: Transposition) {
    var stream = NumberStream(seed: 1)
    let (m, n, k) = (1100, 3, 5)
    let a = stream.matrix(m, k)
    let b = stream.matrix(k, n)
    let stored = transposition == .none ? a : a.transposed
    let products = [1, 2, 4].map { width in
      var c = Matrix<Double>(rows: m, columns: n)
      Lanes(width: width).gemm(
        transposition, .none, m: m, n: n, k: k, stored.elements, lda: stored.columns,
        b.elements, ldb: n, &c.elements, ldc: n)
      return c
    }
    #expect(products[0] == products[1])
    #expect(products[0] == products[2])
    #expect(largestDifference(products[0], productByDefinition(a, b)) <= Double(k) * 0x1p-52)
  }
}
