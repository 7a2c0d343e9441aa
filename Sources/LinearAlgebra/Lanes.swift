import Dispatch
import Synchronization

/// How many pieces of one computation run at once.
///
/// The one knob for threads: BLAS itself runs single-threaded (`BLASThreads.set(1)`) and work is
/// cut by rows or by matrices, at places that do not depend on the width, so that results are the
/// same for every width.
package struct Lanes: Sendable, Equatable {
  package let width: Int

  package init(width: Int) {
    precondition(width >= 1, "\(width) lanes")
    self.width = width
  }

  /// One piece after the other.
  package static let single = Lanes(width: 1)

  /// Calls `body` for each index below `count`, up to `width` at once, and returns when all have.
  ///
  /// Indices are dealt out one by one, so that pieces of unequal cost balance.
  package func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    guard width > 1, count > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(width, count)) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index)
      }
    }
  }

  /// Calls `body` for consecutive ranges that cover `0..<count`, each of `grain` items but the
  /// last.
  package func forEachRange(_ count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
    precondition(grain >= 1, "grain \(grain)")
    forEach((count + grain - 1) / grain) { piece in
      body(piece * grain..<min(count, (piece + 1) * grain))
    }
  }

  /// The results of `body` for each index below `count`, in order; the first error by index is
  /// thrown after all have ended.
  package func map<Element: Sendable>(
    _ count: Int, _ body: @Sendable (Int) throws -> Element
  ) throws -> [Element] {
    guard width > 1, count > 1 else { return try (0..<count).map(body) }
    var results = [Result<Element, any Error>?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { slots in
      // SAFETY: each index writes its own slot, and the call returns after all have.
      nonisolated(unsafe) let slots = slots
      forEach(count) { index in slots[index] = Result { try body(index) } }
    }
    return try results.map { result in
      guard let result else { preconditionFailure("a lane returned without a result") }
      return try result.get()
    }
  }

  /// C becomes alpha op(A) op(B) + beta C as `BLASScalar.gemm`, cut into blocks of C's rows.
  package func gemm<Scalar: BLASScalar>(
    _ transposeA: Transposition, _ transposeB: Transposition,
    m: Int, n: Int, k: Int, alpha: Scalar = 1,
    _ a: UnsafePointer<Scalar>, lda: Int, _ b: UnsafePointer<Scalar>, ldb: Int,
    beta: Scalar = 0, _ c: UnsafeMutablePointer<Scalar>, ldc: Int
  ) {
    // SAFETY: the blocks of C are disjoint, A and B are only read, and the call outlives them.
    nonisolated(unsafe) let (a, b, c) = (a, b, c)
    forEachRange(m, grain: Self.rowGrain) { rows in
      let offset = rows.lowerBound * (transposeA == .none ? lda : 1)
      Scalar.gemm(
        transposeA, transposeB, m: rows.count, n: n, k: k, alpha: alpha,
        a + offset, lda: lda, b, ldb: ldb,
        beta: beta, c + rows.lowerBound * ldc, ldc: ldc)
    }
  }

  /// Rows of a product computed in one call: large enough that packing the other operand again for
  /// each block costs little, fixed so that the cut does not depend on the width.
  private static let rowGrain = 512
}
