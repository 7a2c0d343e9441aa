/// One coefficient under permutations of x within segments; each draw continues from the last order,
/// which is as uniform as starting afresh.
struct PermutationKernel {
  private enum Form {
    /// Sum of products of the permuted x with y, both scaled to a coefficient.
    case product(x: [Double], y: [Double])
    /// Freedman–Lane: residuals of x, the control's orthonormal columns, the residuals of y (norm 1).
    case residual(x: [Double], basis: [[Double]], y: [Double], squares: Double)
    case kendall(x: [Double], y: SignTable)
    /// Freedman–Lane for τ: fitted ranks plus permuted residuals, against y and the control.
    case partialKendall(
      fitted: [Double], x: [Double], y: SignTable, control: SignTable, yControl: Double)
    /// Nothing is left of x or y beyond the control.
    case explained
  }

  private var form: Form
  private let segments: [Range<Int>]
  let observed: Double

  /// Nil where the coefficient of the data is not defined.
  init?(
    _ sample: PairedSample, method: CorrelationMethod, control: CorrelationControl,
    segments: [Range<Int>]
  ) {
    let coefficient = partialCorrelation(
      method, sample.x, sample.y, given: sample.control, control)
    guard coefficient != .undefined else { return nil }
    self.segments = segments
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
      form = .kendall(x: x, y: SignTable(y))
    case (.kendallB, _):
      let rest = residual(of: a, on: basis)
      form = .partialKendall(
        fitted: x.indices.map { x[$0] - rest[$0] }, x: rest, y: SignTable(y),
        control: SignTable(z), yControl: kendallTauB(y, z) ?? 0)
    case (_, .none):
      form = .product(x: a.map { $0 / normOfA }, y: b.map { $0 / normOfB })
    default:
      let e = residual(of: a, on: basis)
      let f = residual(of: b, on: basis)
      let norm = dot(f, f).squareRoot()
      form = .residual(x: e, basis: basis, y: f.map { $0 / norm }, squares: dot(e, e))
    }
  }

  /// The coefficient of a fresh random order.
  mutating func draw(using generator: inout SeededGenerator) -> Double {
    switch form {
    case .explained:
      return 0
    case .product(var x, let y):
      form = .explained  // Gives up the only other reference, so that x is permuted in place.
      permute(&x, using: &generator)
      form = .product(x: x, y: y)
      return dot(x, y)
    case .residual(var x, let basis, let y, let squares):
      form = .explained
      permute(&x, using: &generator)
      form = .residual(x: x, basis: basis, y: y, squares: squares)
      var left = squares
      for column in basis {
        let length = dot(x, column)
        left -= length * length
      }
      return left > explainedShare * squares ? dot(x, y) / left.squareRoot() : 0
    case .kendall(var x, let y):
      form = .explained
      permute(&x, using: &generator)
      form = .kendall(x: x, y: y)
      return y.tau(x)
    case .partialKendall(let fitted, var x, let y, let control, let yControl):
      form = .explained
      permute(&x, using: &generator)
      form = .partialKendall(fitted: fitted, x: x, y: y, control: control, yControl: yControl)
      var drawn = fitted
      // Rounded so that sums that are equal in exact arithmetic stay ties.
      for i in drawn.indices { drawn[i] = ((drawn[i] + x[i]) * 0x1p32).rounded() }
      let partial = firstOrderPartial(
        xy: y.tau(drawn), xz: control.tau(drawn), yz: yControl)
      return partial.value ?? 0
    }
  }

  private func permute(_ x: inout [Double], using generator: inout SeededGenerator) {
    for segment in segments {
      var last = segment.upperBound - 1
      while last > segment.lowerBound {
        x.swapAt(
          last, segment.lowerBound + generator.index(below: last - segment.lowerBound + 1))
        last -= 1
      }
    }
  }
}
