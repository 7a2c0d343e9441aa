package import LinearAlgebra

extension AttentionLayout {
  /// The fused rows of one head's queries and keys; the published layout does not touch them.
  static func queryRows(ofHead head: Int, headSize: Int) -> Range<Int> {
    head * 3 * headSize..<head * 3 * headSize + headSize
  }

  static func keyRows(ofHead head: Int, headSize: Int) -> Range<Int> {
    head * 3 * headSize + headSize..<head * 3 * headSize + 2 * headSize
  }
}

/// The spectra of a layer's QK circuit, W_Q[h]ᵀ W_K[h] [d, d] of rank ≤ d_h, by head.
package func queryKeySpectra(
  fused: Matrix<Float>, heads: Int, lanes: Lanes = .single
) -> [Result<Spectrum, Gap>] {
  precondition(
    heads >= 1 && fused.rows % (3 * heads) == 0, "\(fused.rows) fused rows for \(heads) heads")
  let headSize = fused.rows / (3 * heads)
  return lanes.results(heads) { head in
    Result { () throws(Gap) in
      try Spectrum(
        ofProductWithTranspose: fused.rowBlock(
          AttentionLayout.queryRows(ofHead: head, headSize: headSize)),
        fused.rowBlock(AttentionLayout.keyRows(ofHead: head, headSize: headSize)))
    }
  }
}

/// The same from the heads' query and key rows in order, both [H d_h, d].
package func queryKeySpectra(
  query: Matrix<Float>, key: Matrix<Float>, heads: Int, lanes: Lanes = .single
) -> [Result<Spectrum, Gap>] {
  precondition(
    heads >= 1 && query.rows % heads == 0 && query.rows == key.rows,
    "\(query.rows) query and \(key.rows) key rows for \(heads) heads")
  let headSize = query.rows / heads
  return lanes.results(heads) { head in
    Result { () throws(Gap) in
      let rows = head * headSize..<(head + 1) * headSize
      return try Spectrum(ofProductWithTranspose: query.rowBlock(rows), key.rowBlock(rows))
    }
  }
}
