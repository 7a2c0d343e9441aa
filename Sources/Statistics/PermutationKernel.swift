/// One coefficient under permutations of x within segments; each draw continues from the last order,
/// which is as uniform as starting afresh.
struct PermutationKernel {
  private enum Form {
    /// Sum of products of the permuted x with y, both scaled to a coefficient.
    case product(x: LaneList, y: LaneList)
    /// Freedman–Lane: residuals of x, the control's orthonormal columns, the residuals of y (norm 1).
    case residual(x: LaneList, basis: [LaneList], y: LaneList, squares: Double)
    /// Dense ranks of x; `scale` turns a balance into τ.
    case kendall(x: [Int16], y: SignTable, scale: Double)
    /// Freedman–Lane for τ: fitted ranks plus permuted residuals, against y and the control.
    case partialKendall(fitted: LaneList, x: LaneList, targets: SignPair, yControl: Double)
    /// Nothing is left of x or y beyond the control.
    case explained
  }

  private let form: Form
  private let shuffler: Shuffler
  let observed: Double

  /// Nil where the coefficient of the data is not defined.
  init?(
    _ sample: PairedSample, method: CorrelationMethod, control: CorrelationControl,
    segments: [Range<Int>]
  ) {
    let coefficient = partialCorrelation(
      method, sample.x, sample.y, given: sample.control, control)
    guard coefficient != .undefined else { return nil }
    shuffler = Shuffler(segments)
    observed = coefficient.value ?? 0
    let x = method == .pearson ? sample.x : midRanks(of: sample.x)
    let y = method == .pearson ? sample.y : midRanks(of: sample.y)
    let z = method == .pearson ? sample.control : midRanks(of: sample.control)
    guard let (a, normOfA) = centered(x), let (b, normOfB) = centered(y) else { return nil }
    guard coefficient != .explained else {
      form = .explained
      return
    }
    let basis = controlBasis(of: z, control)
    switch (method, control) {
    case (.kendallB, .none):
      let table = SignTable(y)
      let untied = Double(SignTable(x).untied) * Double(table.untied)
      form = .kendall(
        x: denseRanks(of: x).map { Int16($0) }, y: table, scale: 1 / untied.squareRoot())
    case (.kendallB, _):
      let rest = residual(of: a, on: basis)
      form = .partialKendall(
        fitted: LaneList(x.indices.map { x[$0] - rest[$0] }), x: LaneList(rest),
        targets: SignPair(y, z), yControl: kendallTauB(y, z) ?? 0)
    case (_, .none):
      form = .product(
        x: LaneList(a.map { $0 / normOfA }), y: LaneList(b.map { $0 / normOfB }))
    default:
      let e = residual(of: a, on: basis)
      let f = residual(of: b, on: basis)
      let norm = dot(f, f).squareRoot()
      form = .residual(
        x: LaneList(e), basis: basis.map { LaneList($0) }, y: LaneList(f.map { $0 / norm }),
        squares: dot(e, e))
    }
  }

  /// The coefficients of `draws` random orders.
  func draws(_ draws: Int, using generator: inout SeededGenerator) -> [Double] {
    switch form {
    case .explained:
      return [Double](repeating: 0, count: draws)
    case .product(var x, let y):
      return collect(draws, shuffling: &x, &generator) { x in y.dot(x) }
    case .residual(var x, let basis, let y, let squares):
      return collect(draws, shuffling: &x, &generator) { x in
        var left = squares
        for column in basis {
          let length = column.dot(x)
          left -= length * length
        }
        return left > explainedShare * squares ? y.dot(x) / left.squareRoot() : 0
      }
    case .kendall(let x, let y, let scale):
      return kendall(x, y, scale, draws, &generator)
    case .partialKendall(let fitted, var x, let targets, let yControl):
      var drawn = fitted
      return collect(draws, shuffling: &x, &generator) { x in
        drawn.placeSum(fitted, x)
        let (xy, xz) = targets.tau(drawn)
        return firstOrderPartial(xy: xy, xz: xz, yz: yControl).value ?? 0
      }
    }
  }

  private func collect(
    _ draws: Int, shuffling x: inout LaneList, _ generator: inout SeededGenerator,
    _ coefficient: (LaneList) -> Double
  ) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(draws)
    for _ in 0..<draws {
      x.withValues { shuffler.shuffle($0, using: &generator) }
      values.append(coefficient(x))
    }
    return values
  }

  private func kendall(
    _ ranks: [Int16], _ y: SignTable, _ scale: Double, _ draws: Int,
    _ generator: inout SeededGenerator
  ) -> [Double] {
    let padding = SignTable.paddedCount(ranks.count) - ranks.count
    var lanes = ranks + [Int16](repeating: 0, count: padding)
    var values: [Double] = []
    values.reserveCapacity(draws)
    lanes.withUnsafeMutableBufferPointer { lanes in
      for _ in 0..<draws {
        shuffler.shuffle(lanes, using: &generator)
        values.append(Double(y.balance(UnsafeBufferPointer(lanes))) * scale)
      }
    }
    return values
  }
}
