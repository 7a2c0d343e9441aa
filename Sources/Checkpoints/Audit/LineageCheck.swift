/// Whether the weights of each step lie on the way from the step before to the step after.
///
/// r_t = (‖W_t − W_{t−1}‖ + ‖W_{t+1} − W_t‖) / ‖W_{t+1} − W_{t−1}‖, Frobenius norms, is 1 on a straight
/// line and at most √2 for a random walk; weights of another step or run give much more (METHODS
/// section 8). Steps that came from another run together lie on a way of their own: a stretch of them
/// is judged by how far it is entered and left, which by the triangle inequality is never more than
/// what its single steps would give.
struct LineageCheck {
  /// r above which a step does not belong.
  static let threshold = 1.5
  /// Neighbouring steps that are judged together at most.
  static let longestStretch = 3

  /// Neighbouring steps that do not belong, mostly one, with their r.
  struct Break: Equatable {
    let steps: [Int]
    let ratio: Double
  }

  /// The steps of one matrix that do not belong, worst first.
  ///
  /// The worst is taken out before the rest is looked at again: next to a wrong step a right one can
  /// look wrong too. Moves within the rounding of the stored type go to and fro and are no way at all:
  /// what is entered or left by one of those stays.
  static func breaks(
    steps: [Int], distance: (Int, Int) throws -> Double, norm: (Int) throws -> Double
  ) rethrows -> [Break] {
    var steps = steps
    var breaks: [Break] = []
    search: while steps.count >= 3 {
      // Those that belong must stay the majority: else the stretch is the run, and they are not.
      let longest = max(1, min(longestStretch, (steps.count - 1) / 3))
      // One wrong step can make a long stretch look wrong: the shortest explanation comes first.
      for length in 1...longest {
        guard let worst = try worst(of: length, in: steps, distance: distance, norm: norm) else {
          continue
        }
        breaks.append(worst)
        steps.removeAll(where: worst.steps.contains)
        continue search
      }
      break
    }
    return breaks
  }

  private static func worst(
    of length: Int, in steps: [Int], distance: (Int, Int) throws -> Double,
    norm: (Int) throws -> Double
  ) rethrows -> Break? {
    var worst: Break?
    for index in 1..<max(1, steps.count - length) {
      let stretch = Array(steps[index..<index + length])
      let (before, after) = (steps[index - 1], steps[index + length])
      let ratio = try self.ratio(of: stretch, between: before, and: after, distance)
      guard ratio > threshold, ratio > worst?.ratio ?? 0 else { continue }
      let smallest = try min(distance(before, stretch[0]), distance(stretch[length - 1], after))
      if smallest > MatrixDistances.rounding * (try norm(before)) {
        worst = Break(steps: stretch, ratio: ratio)
      }
    }
    return worst
  }

  /// r of neighbouring steps between the one before and the one after; 1 where nothing moved at all.
  static func ratio(
    of stretch: [Int], between before: Int, and after: Int,
    _ distance: (Int, Int) throws -> Double
  ) rethrows -> Double {
    guard let first = stretch.first, let last = stretch.last else { return 1 }
    let way = try distance(before, first) + distance(last, after)
    let whole = try distance(before, after)
    if way == 0 { return 1 }
    return whole == 0 ? .infinity : way / whole
  }
}
