package import LinearAlgebra

/// ‖W − W₀‖_F / ‖W₀‖_F, the relative change of a matrix of weights since the checkpoint before.
/// METHODS section 3.
package enum RelativeChange {
  /// Of a matrix. Throws `zero_matrix` where the earlier one is 0, and `non_finite`.
  package static func of(_ matrix: Matrix<Float>, since earlier: Matrix<Float>) throws(Gap)
    -> Double
  {
    precondition(
      matrix.rows == earlier.rows && matrix.columns == earlier.columns,
      "the change from \(earlier.rows) x \(earlier.columns) to \(matrix.rows) x \(matrix.columns)")
    var (change, norm) = (0.0, 0.0)
    matrix.elements.withUnsafeBufferPointer { now in
      earlier.elements.withUnsafeBufferPointer { before in
        for index in now.indices {
          let difference = Double(now[index]) - Double(before[index])
          change += difference * difference
          norm += Double(before[index]) * Double(before[index])
        }
      }
    }
    return try ratio(change, norm)
  }

  /// Of each head's OV product. The difference of two products is one product of twice the inner
  /// dimension, W_O W_V − W_O₀ W_V₀ = [W_O, −W_O₀] [W_V; W_V₀], so that nothing cancels but what is
  /// equal; its norm comes from its small core.
  package static func ofHeads(
    _ weights: AttentionWeights, since earlier: AttentionWeights, lanes: Lanes = .single
  ) -> [Result<Double, Gap>] {
    precondition(weights.heads == earlier.heads, "\(earlier.heads) heads to \(weights.heads)")
    return lanes.results(weights.heads) { head in
      Result { () throws(Gap) in
        var negative = earlier.outputOfHead(head)
        for index in negative.elements.indices { negative.elements[index].negate() }
        let change = try Spectrum(
          ofProductWithTranspose: weights.outputOfHead(head).stacked(on: negative),
          weights.valueOfHead(head).stacked(on: earlier.valueOfHead(head)), route: .exact)
        let norm = try Spectrum(
          ofProductWithTranspose: earlier.outputOfHead(head), earlier.valueOfHead(head),
          route: .exact)
        guard norm.frobeniusNorm > 0 else { throw .zeroMatrix }
        return change.frobeniusNorm / norm.frobeniusNorm
      }
    }
  }

  /// Of the product over all heads.
  package static func ofFullProduct(
    _ weights: AttentionWeights, since earlier: AttentionWeights
  ) throws(Gap) -> Double {
    let (now, before) = (weights.fullProduct, earlier.fullProduct)
    precondition(now.elements.count == before.elements.count, "products of different shapes")
    var change = 0.0
    for index in now.elements.indices {
      let difference = now.elements[index] - before.elements[index]
      change += difference * difference
    }
    return try ratio(change, before.squaredFrobeniusNorm)
  }

  private static func ratio(_ change: Double, _ norm: Double) throws(Gap) -> Double {
    guard change.isFinite, norm.isFinite else { throw .nonFinite }
    guard norm > 0 else { throw .zeroMatrix }
    return (change / norm).squareRoot()
  }
}
