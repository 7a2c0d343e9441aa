/// Whether the weights of each step lie on the way from the step before to the step after.
///
/// r_t = (‖W_t − W_{t−1}‖ + ‖W_{t+1} − W_t‖) / ‖W_{t+1} − W_{t−1}‖, Frobenius norms, is 1 on a straight
/// line and at most √2 for a random walk; weights of another step or run give much more (METHODS
/// section 8). Steps that came from another run together lie on a way of their own: a stretch of them
/// is judged by how far it is entered and left, which by the triangle inequality is never more than
/// what its single steps would give.
///
/// Next to a wrong step a right one can look wrong too. What does not belong is therefore the smallest
/// set of steps without which the rest is one way; of sets of one size, that with the shortest way.
struct LineageCheck {
  /// r above which a step does not belong.
  static let threshold = 1.5
  /// Neighbouring steps that are judged, and left out, together at most.
  static let longestStretch = 3
  /// Steps that are left out at most: with more of them wrong there is no telling which.
  private static let mostStrays = 16

  private let distances: MatrixDistances
  private let content: [Int: Int]

  /// - content: whose weights a step is taken to hold, where these are not its own.
  init(_ distances: MatrixDistances, content: [Int: Int] = [:]) {
    self.distances = distances
    self.content = content
  }

  /// ‖W_a − W_b‖ of the weights that `a` and `b` are taken to hold.
  func distance(_ a: Int, _ b: Int) throws -> Double {
    try distances.distance(content[a] ?? a, content[b] ?? b)
  }

  func norm(_ a: Int) throws -> Double { try distances.norm(content[a] ?? a) }

  /// The steps of one matrix that do not belong, ascending; the first and the last step are taken as
  /// they are. `nil` where leaving out half of them, or `mostStrays`, leaves no way.
  func strays(of steps: [Int]) throws -> [Int]? {
    if try isOneWay(steps) { return [] }
    for most in 1...max(1, min(Self.mostStrays, (steps.count - 1) / 2)) {
      if let way = try shortestWay(through: steps, leavingOut: most) {
        return way.left.map { steps[$0] }
      }
    }
    return nil
  }

  /// Whether no step and no stretch of steps is off the way.
  func isOneWay(_ steps: [Int]) throws -> Bool {
    let longest = Self.longest(of: steps.count)
    for end in steps.indices.dropFirst(2) {
      let tail = steps[max(0, end - longest - 1)...end]
      if try !isOnTheWay(Array(tail), longest) { return false }
    }
    return true
  }

  /// r of neighbouring steps between the one before and the one after; 1 where nothing moved at all.
  func ratio(of stretch: [Int], between before: Int, and after: Int) throws -> Double {
    guard let first = stretch.first, let last = stretch.last else { return 1 }
    let way = try distance(before, first) + distance(last, after)
    let whole = try distance(before, after)
    if way == 0 { return 1 }
    return whole == 0 ? .infinity : way / whole
  }

  /// Whether `stretch` is off the way from `before` to `after`. Moves within the rounding of the stored
  /// type go to and fro and are no way at all: what is entered or left by one of those belongs.
  func isOff(_ stretch: [Int], between before: Int, and after: Int) throws -> Bool {
    guard let first = stretch.first, let last = stretch.last,
      try ratio(of: stretch, between: before, and: after) > Self.threshold
    else { return false }
    return try min(distance(before, first), distance(last, after))
      > MatrixDistances.rounding * norm(before)
  }

  /// Those that belong must stay the majority: else the stretch is the run, and they are not.
  private static func longest(of count: Int) -> Int {
    max(1, min(longestStretch, (count - 1) / 3))
  }

  /// Whether no stretch that ends before the last of `steps` is off the way.
  private func isOnTheWay(_ steps: [Int], _ longest: Int) throws -> Bool {
    let last = steps.count - 1
    for length in 1...longest where last > length {
      let stretch = Array(steps[last - length..<last])
      if try isOff(stretch, between: steps[last - length - 1], and: steps[last]) { return false }
    }
    return true
  }

  /// A way through some of the steps.
  private struct Way {
    /// Indices of the steps that it leaves out, ascending.
    var left: [Int] = []
    /// Sum of the distances along it.
    var length = 0.0

    func isBetter(than other: Way) -> Bool {
      if left.count != other.left.count { return left.count < other.left.count }
      if length != other.length { return length < other.length }
      return left.lexicographicallyPrecedes(other.left)
    }
  }

  /// The way through all steps but `most` at most, `nil` if there is none. Dynamic programming over
  /// the last steps of a way, as many as the next one is judged by.
  private func shortestWay(through steps: [Int], leavingOut most: Int) throws -> Way? {
    let longest = Self.longest(of: steps.count)
    var ways = [[[Int]: Way]](repeating: [:], count: steps.count)
    ways[0][[0]] = Way()
    for index in steps.indices.dropLast() {
      for (tail, way) in ways[index] {
        let furthest = index + 1 + min(longest, most - way.left.count)
        for next in index + 1...max(index + 1, furthest) where next < steps.count {
          let kept = tail + [next]
          guard try isOnTheWay(kept.map { steps[$0] }, longest) else { continue }
          let longer = Way(
            left: way.left + (index + 1..<next),
            length: way.length + (try distance(steps[index], steps[next])))
          let key = kept.suffix(longest + 1).map(\.self)
          if let known = ways[next][key], !longer.isBetter(than: known) { continue }
          ways[next][key] = longer
        }
      }
      ways[index] = [:]
    }
    return ways[steps.count - 1].values.reduce(nil as Way?) { best, way in
      best.map { way.isBetter(than: $0) ? way : $0 } ?? way
    }
  }
}
