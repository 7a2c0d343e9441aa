/// Which steps of a run are missing (METHODS section 8): named ones, ones that the other runs of the
/// group have, and ones that an otherwise regular stretch skips.
enum StepGrid {
  /// The missing steps with the reason, ascending.
  static func missing(
    present: [Int], named: [Int], others: [Int]
  ) -> [(step: Int, reason: String)] {
    let here = Set(present)
    var reasons: [Int: String] = [:]
    for (step, reason) in skipped(in: present.sorted()) { reasons[step] = reason }
    for step in others where !here.contains(step) {
      reasons[step] = "other runs of the group have it"
    }
    for step in named where !here.contains(step) { reasons[step] = "steps: names it" }
    return reasons.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Members that a stretch counts at least.
  private static let shortestStretch = 4

  /// Steps that a stretch of powers of two, or of a constant stride, skips.
  static func skipped(in steps: [Int]) -> [(step: Int, reason: String)] {
    skippedPowers(steps) + skippedMultiples(steps)
  }

  private static func skippedPowers(_ steps: [Int]) -> [(step: Int, reason: String)] {
    let isPower = steps.map { $0 > 0 && $0 & ($0 - 1) == 0 }
    var found: [(step: Int, reason: String)] = []
    for index in steps.indices.dropLast()
    where isPower[index] && isPower[index + 1] && steps[index + 1] == 4 * steps[index] {
      // The stretch around the gap, the gap itself apart from it.
      var first = index
      while first > 0, isPower[first - 1], steps[first - 1] * 2 == steps[first] { first -= 1 }
      var last = index + 1
      while last + 1 < steps.count, isPower[last + 1], steps[last + 1] == 2 * steps[last] {
        last += 1
      }
      if last - first + 1 >= shortestStretch {
        found.append(
          (2 * steps[index], "the powers of two from \(steps[first]) to \(steps[last]) skip it"))
      }
    }
    return found
  }

  private static func skippedMultiples(_ steps: [Int]) -> [(step: Int, reason: String)] {
    let gaps = zip(steps, steps.dropFirst()).map { $1 - $0 }
    var found: [(step: Int, reason: String)] = []
    for index in gaps.indices where gaps[index] % 2 == 0 {
      let stride = gaps[index] / 2
      var first = index
      while first > 0, gaps[first - 1] == stride { first -= 1 }
      var last = index
      while last + 1 < gaps.count, gaps[last + 1] == stride { last += 1 }
      // Members of the stretch: one more than its gaps.
      guard last - first + 2 >= shortestStretch, last > first else { continue }
      // A gap that continues another pattern skips nothing: 0, 1, 2, 4, 8 or 500, 1000, 2000, 3000.
      let doubles =
        steps[index] > 0 && steps[index + 1] == 2 * steps[index]
        && steps[index] & (steps[index] - 1) == 0
      let continues =
        (index > 0 && gaps[index - 1] == gaps[index])
        || (index + 1 < gaps.count && gaps[index + 1] == gaps[index])
      if doubles || continues { continue }
      found.append(
        (
          steps[index] + stride,
          "the steps from \(steps[first]) to \(steps[last + 1]) come every \(stride) but for it"
        ))
    }
    return found
  }
}
