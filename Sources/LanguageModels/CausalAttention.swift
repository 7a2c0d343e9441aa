import LinearAlgebra

/// Softmax attention over the positions up to one's own, head by head.
///
/// Scores are held for a block of queries of one head of one sequence at a time, never as
/// [sequences, heads, length, length].
struct CausalAttention: Sendable {
  let heads: Int
  /// d_h, features of one head.
  let headSize: Int
  let length: Int

  private var width: Int { heads * headSize }
  private var scale: Float { 1 / Float(headSize).squareRoot() }
  /// Queries whose scores are held at once.
  static let queryBlock = 128

  /// Floats that one call of `apply` needs as scratch.
  var scratchCount: Int { Self.queryBlock * length }

  /// Head `head`'s part of the context for one sequence.
  ///
  /// - fused: [length, 3d] with queries and keys already turned; head h's query, key and value
  ///   stand at columns h·3·d_h + {0, d_h, 2·d_h}.
  /// - context: [length, d]; head h owns columns h·d_h ..< (h+1)·d_h.
  func apply(
    head: Int, fused: UnsafePointer<Float>, context: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let query = fused + head * 3 * headSize
    for start in stride(from: 0, to: length, by: Self.queryBlock) {
      let rows = min(Self.queryBlock, length - start)
      let keys = start + rows
      probabilities(
        query: query, start: start, rows: rows, keys: keys, output: scratch)
      Float.gemm(
        .none, .none, m: rows, n: headSize, k: keys, alpha: 1,
        scratch, lda: keys, query + 2 * headSize, ldb: 3 * width,
        beta: 0, context + start * width + head * headSize, ldc: width)
    }
  }

  /// Writes the gradients of head `head`'s query, key and value into `dFused` (same layout as
  /// `fused`, same rotation), given `dContext`; overwrites that head's columns.
  ///
  /// `scratch` holds 2 · `scratchCount` floats.
  func gradients(
    head: Int, fused: UnsafePointer<Float>, dContext: UnsafePointer<Float>,
    dFused: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let query = fused + head * 3 * headSize
    let (key, value) = (query + headSize, query + 2 * headSize)
    let dQuery = dFused + head * 3 * headSize
    let (dKey, dValue) = (dQuery + headSize, dQuery + 2 * headSize)
    for row in 0..<length {
      (dKey + row * 3 * width).update(repeating: 0, count: 2 * headSize)
    }
    let dScores = scratch + scratchCount
    for start in stride(from: 0, to: length, by: Self.queryBlock) {
      let rows = min(Self.queryBlock, length - start)
      let keys = start + rows
      probabilities(query: query, start: start, rows: rows, keys: keys, output: scratch)
      let dRows = dContext + start * width + head * headSize
      // dV += Pᵀ dO
      Float.gemm(
        .transposed, .none, m: keys, n: headSize, k: rows, alpha: 1,
        scratch, lda: keys, dRows, ldb: width, beta: 1, dValue, ldc: 3 * width)
      // dP = dO Vᵀ, then dS = P ∘ (dP - rowsum(P ∘ dP))
      Float.gemm(
        .none, .transposed, m: rows, n: keys, k: headSize, alpha: 1,
        dRows, lda: width, value, ldb: 3 * width, beta: 0, dScores, ldc: keys)
      for row in 0..<rows {
        let (p, dp) = (scratch + row * keys, dScores + row * keys)
        let shift = Float(VectorMath.dot(p, dp, keys))
        for column in 0..<keys { dp[column] = p[column] * (dp[column] - shift) }
      }
      // dQ = scale dS K, dK += scale dSᵀ Q
      Float.gemm(
        .none, .none, m: rows, n: headSize, k: keys, alpha: scale,
        dScores, lda: keys, key, ldb: 3 * width,
        beta: 0, dQuery + start * 3 * width, ldc: 3 * width)
      Float.gemm(
        .transposed, .none, m: keys, n: headSize, k: rows, alpha: scale,
        dScores, lda: keys, query + start * 3 * width, ldb: 3 * width,
        beta: 1, dKey, ldc: 3 * width)
    }
  }

  /// The attention weights of queries `start ..< start + rows` over keys `0 ..< keys`, [rows, keys];
  /// zero beyond each query's own position.
  private func probabilities(
    query: UnsafePointer<Float>, start: Int, rows: Int, keys: Int,
    output: UnsafeMutablePointer<Float>
  ) {
    Float.gemm(
      .none, .transposed, m: rows, n: keys, k: headSize, alpha: scale,
      query + start * 3 * width, lda: 3 * width, query + headSize, ldb: 3 * width,
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
