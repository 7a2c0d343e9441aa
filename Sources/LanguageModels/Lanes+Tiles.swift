import LinearAlgebra

extension Lanes {
  /// C becomes alpha op(A) op(B) + beta C as `BLASScalar.gemm`, cut into tiles of C.
  ///
  /// A tile is as square as the matrix allows: each call packs its own rows of A and columns of B,
  /// and a square needs the least packing for its arithmetic. The cut depends on the shape alone.
  func multiply(
    _ transposeA: Transposition, _ transposeB: Transposition, m: Int, n: Int, k: Int,
    alpha: Float = 1, _ a: UnsafePointer<Float>, lda: Int, _ b: UnsafePointer<Float>, ldb: Int,
    beta: Float = 0, _ c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    let tiles = TileCut(m: m, n: n)
    // SAFETY: the tiles of C are disjoint, A and B are only read, and the call outlives them.
    nonisolated(unsafe) let (a, b, c) = (a, b, c)
    forEach(tiles.count) { index in
      let (rows, columns) = tiles[index]
      Float.gemm(
        transposeA, transposeB, m: rows.count, n: columns.count, k: k, alpha: alpha,
        a + rows.lowerBound * (transposeA == .none ? lda : 1), lda: lda,
        b + columns.lowerBound * (transposeB == .none ? 1 : ldb), ldb: ldb,
        beta: beta, c + rows.lowerBound * ldc + columns.lowerBound, ldc: ldc)
    }
  }
}

/// The cut of an m x n matrix into tiles of nearly equal size.
struct TileCut: Sendable {
  private let rows: EvenCut
  private let columns: EvenCut

  /// The largest tiles that leave something to share out, but none smaller than packing is worth.
  init(m: Int, n: Int) {
    let cuts = [1024, 768, 512, 384].map { (EvenCut(m, target: $0), EvenCut(n, target: $0)) }
    (rows, columns) = cuts.first { $0.count * $1.count >= 8 } ?? cuts[cuts.count - 1]
  }

  var count: Int { rows.count * columns.count }

  subscript(index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    (rows[index % rows.count], columns[index / rows.count])
  }
}

/// The cut of `0..<length` into ranges of nearly equal size, multiples of a kernel's 16.
struct EvenCut: Sendable {
  private let length: Int
  private let size: Int

  /// As many ranges as have about `target` elements.
  init(_ length: Int, target: Int) {
    let pieces = max(1, (length + target - 1) / target)
    self.length = length
    size = max(16, (length + pieces * 16 - 1) / (pieces * 16) * 16)
  }

  var count: Int { (length + size - 1) / size }

  subscript(index: Int) -> Range<Int> { index * size..<min(length, (index + 1) * size) }
}
