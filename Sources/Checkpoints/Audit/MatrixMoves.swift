/// What was measured of one matrix over the steps of a run before weights were removed: all that the audit
/// asks of its elements.
package struct MatrixMoves: Sendable, Equatable {
  /// Two steps' elements, beside each other.
  package struct Pair: Sendable, Equatable {
    /// ‖W_b − W_a‖.
    package var distance: Double
    /// ‖W_a‖ and ‖W_b‖.
    package var norms: [Double]
    /// Whether all elements of a, and of b, are the same.
    package var areConstant: [Bool]

    package init(distance: Double, norms: [Double], areConstant: [Bool]) {
      self.distance = distance
      self.norms = norms
      self.areConstant = areConstant
    }

    /// By the same sums as the audit's own.
    package init(_ a: [Float], _ b: [Float]) {
      distance = MatrixDistances.sum(a, b).squareRoot()
      norms = [a, b].map { MatrixDistances.sum($0, nil).squareRoot() }
      areConstant = [a, b].map(MatrixDistances.isConstant)
    }
  }

  /// By two steps, the earlier one first.
  var distances: [[Int]: Double] = [:]
  var norms: [Int: Double] = [:]
  var constants: [Int: Bool] = [:]

  package init() {}

  /// Takes what was measured of the steps `a` and `b`.
  package mutating func add(_ pair: Pair, _ a: Int, _ b: Int) {
    distances[[min(a, b), max(a, b)]] = pair.distance
    for (step, (norm, isConstant)) in zip([a, b], zip(pair.norms, pair.areConstant)) {
      norms[step] = norm
      constants[step] = isConstant
    }
  }
}
