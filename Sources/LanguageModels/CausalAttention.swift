import LinearAlgebra

/// Softmax attention over the positions up to one's own, head by head.
///
/// Scores are held for a block of queries of one head of one sequence at a time, never as
/// [sequences, heads, length, length].
struct CausalAttention: Sendable {
  let layout: HeadLayout
  let length: Int

  /// d_h, features of one head.
  private var headSize: Int { layout.headSize }
  /// Features of one row of contexts.
  private var width: Int { layout.heads * layout.headSize }
  /// Features of one row of queries, keys and values.
  private var fusedWidth: Int { layout.width }
  private var scale: Float { 1 / Float(headSize).squareRoot() }
  /// Queries whose scores are held at once.
  static let queryBlock = 128

  /// Floats that one call of `apply` needs as scratch.
  var scratchCount: Int { Self.queryBlock * length }

  /// Head `head`'s part of the context for one sequence.
  ///
  /// - fused: [length, F] with queries and keys already turned.
  /// - context: [length, H d_h]; head h owns columns h·d_h ..< (h+1)·d_h.
  func apply(
    head: Int, fused: UnsafePointer<Float>, context: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let query = fused + layout.query(head)
    let (key, value) = (fused + layout.key(head), fused + layout.value(head))
    for start in stride(from: 0, to: length, by: Self.queryBlock) {
      let rows = min(Self.queryBlock, length - start)
      let keys = start + rows
      probabilities(
        query: query, key: key, start: start, rows: rows, keys: keys, output: scratch)
      Float.gemm(
        .none, .none, m: rows, n: headSize, k: keys, alpha: 1,
        scratch, lda: keys, value, ldb: fusedWidth,
        beta: 0, context + start * width + head * headSize, ldc: width)
    }
  }

  /// Writes the gradient of head `head`'s query into `dFused` (same layout as `fused`, same
  /// rotation) and adds those of its key and value to what stands there, given `dContext`.
  ///
  /// `scratch` holds 2 · `scratchCount` floats.
  func gradients(
    head: Int, fused: UnsafePointer<Float>, dContext: UnsafePointer<Float>,
    dFused: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let query = fused + layout.query(head)
    let (key, value) = (fused + layout.key(head), fused + layout.value(head))
    let dQuery = dFused + layout.query(head)
    let (dKey, dValue) = (dFused + layout.key(head), dFused + layout.value(head))
    let dScores = scratch + scratchCount
    for start in stride(from: 0, to: length, by: Self.queryBlock) {
      let rows = min(Self.queryBlock, length - start)
      let keys = start + rows
      probabilities(
        query: query, key: key, start: start, rows: rows, keys: keys, output: scratch)
      let dRows = dContext + start * width + head * headSize
      // dV += Pᵀ dO
      Float.gemm(
        .transposed, .none, m: keys, n: headSize, k: rows, alpha: 1,
        scratch, lda: keys, dRows, ldb: width, beta: 1, dValue, ldc: fusedWidth)
      // dP = dO Vᵀ, then dS = P ∘ (dP - rowsum(P ∘ dP))
      Float.gemm(
        .none, .transposed, m: rows, n: keys, k: headSize, alpha: 1,
        dRows, lda: width, value, ldb: fusedWidth, beta: 0, dScores, ldc: keys)
      for row in 0..<rows {
        let (p, dp) = (scratch + row * keys, dScores + row * keys)
        let shift = Float(VectorMath.dot(p, dp, keys))
        for column in 0..<keys { dp[column] = p[column] * (dp[column] - shift) }
      }
      // dQ = scale dS K, dK += scale dSᵀ Q
      Float.gemm(
        .none, .none, m: rows, n: headSize, k: keys, alpha: scale,
        dScores, lda: keys, key, ldb: fusedWidth,
        beta: 0, dQuery + start * fusedWidth, ldc: fusedWidth)
      Float.gemm(
        .transposed, .none, m: keys, n: headSize, k: rows, alpha: scale,
        dScores, lda: keys, query + start * fusedWidth, ldb: fusedWidth,
        beta: 1, dKey, ldc: fusedWidth)
    }
  }

  /// The attention weights of queries `start ..< start + rows` over keys `0 ..< keys`, [rows, keys];
  /// zero beyond each query's own position.
  private func probabilities(
    query: UnsafePointer<Float>, key: UnsafePointer<Float>, start: Int, rows: Int, keys: Int,
    output: UnsafeMutablePointer<Float>
  ) {
    Float.gemm(
      .none, .transposed, m: rows, n: keys, k: headSize, alpha: scale,
      query + start * fusedWidth, lda: fusedWidth, key, ldb: fusedWidth,
      beta: 0, output, ldc: keys)
    for row in 0..<rows {
      let visible = start + row + 1
      let scores = output + row * keys
      let largest = VectorMath.largest(scores, visible)
      let total = VectorMath.mapSumming(scores, scores, visible) { VectorMath.exp($0 - largest) }
      let reciprocal = Float(1 / total)
      VectorMath.map(scores, scores, visible) { $0 * reciprocal }
      (scores + visible).update(repeating: 0, count: keys - visible)
    }
  }
}
