/// Whether the weights of each step lie on the way from the step before to the step after.
///
/// r_t = (‖W_t − W_{t−1}‖ + ‖W_{t+1} − W_t‖) / ‖W_{t+1} − W_{t−1}‖, Frobenius norms, is 1 on a straight
/// line and at most √2 for a random walk; weights of another step or run give much more (METHODS
/// section 8).
struct LineageCheck {
  /// r above which a step does not belong.
  static let threshold = 1.5

  /// A step that does not belong, with its r.
  struct Break: Equatable {
    let step: Int
    let ratio: Double
  }

  /// The steps of one matrix that do not belong, worst first.
  ///
  /// The worst is taken out before the rest is looked at again: next to a wrong step a right one can
  /// look wrong too.
  static func breaks(
    steps: [Int], distance: (Int, Int) throws -> Double
  ) rethrows -> [Break] {
    var steps = steps
    var breaks: [Break] = []
    while steps.count >= 3 {
      var worst: Break?
      for index in 1..<steps.count - 1 {
        let ratio = try self.ratio(steps[index - 1], steps[index], steps[index + 1], distance)
        if ratio > threshold, ratio > worst?.ratio ?? 0 {
          worst = Break(step: steps[index], ratio: ratio)
        }
      }
      guard let worst else { break }
      breaks.append(worst)
      steps.removeAll { $0 == worst.step }
    }
    return breaks
  }

  /// r of `step` between its neighbours; 1 where nothing moved at all.
  static func ratio(
    _ before: Int, _ step: Int, _ after: Int, _ distance: (Int, Int) throws -> Double
  ) rethrows -> Double {
    let way = try distance(before, step) + distance(step, after)
    let whole = try distance(before, after)
    if way == 0 { return 1 }
    return whole == 0 ? .infinity : way / whole
  }
}
