import LinearAlgebra
import Testing

@testable import LanguageModels

@Suite("Products cut into tiles")
struct TileTests {
  @Test(
    "Tiles cover each element once",
    arguments: [(1, 1), (15, 17), (384, 385), (768, 768), (4096, 768), (1000, 2304), (640, 50_304)])
  func cover(m: Int, n: Int) {
    let cut = TileCut(m: m, n: n)
    var (area, rows, columns) = (0, Set<Range<Int>>(), Set<Range<Int>>())
    for index in 0..<cut.count {
      let tile = cut[index]
      area += tile.rows.count * tile.columns.count
      rows.insert(tile.rows)
      columns.insert(tile.columns)
    }
    #expect(area == m * n)
    for (ranges, length) in [(rows, m), (columns, n)] {
      let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
      #expect(sorted.first?.lowerBound == 0 && sorted.last?.upperBound == length)
      for (left, right) in zip(sorted, sorted.dropFirst()) {
        #expect(left.upperBound == right.lowerBound)
      }
    }
  }

  @Test("The product is the whole one's", arguments: [Transposition.none, .transposed])
  func product(_ transposition: Transposition) {
    SingleThreadedBLAS.require()
    let (m, n, k) = (900, 1100, 7)
    var generator = SplitMix64(seed: 3)
    let a = (0..<m * k).map { _ in Float.random(in: -1...1, using: &generator) }
    let b = (0..<k * n).map { _ in Float.random(in: -1...1, using: &generator) }
    let (lda, ldb) = transposition == .none ? (k, n) : (m, k)
    var (whole, tiled) = ([Float](repeating: 2, count: m * n), [Float](repeating: 2, count: m * n))
    Float.gemm(
      transposition, transposition, m: m, n: n, k: k, alpha: 0.5, a, lda: lda, b, ldb: ldb,
      beta: 3, &whole, ldc: n)
    Lanes(width: 2).multiply(
      transposition, transposition, m: m, n: n, k: k, alpha: 0.5, a, lda: lda, b, ldb: ldb,
      beta: 3, &tiled, ldc: n)
    #expect(largestDifference(tiled, whole.map(Double.init)) < 1e-5)
  }
}
