/// Which of the training steps are labelled on an axis: 0, the final one, 512, 63k, 13k, 8, then whatever lies
/// farthest from the labels there are. A label that comes closer than half an em to another is dropped.
/// - Parameters:
///   - steps: rising.
///   - position: where a step lies.
///   - width: the width of a step's label.
///   - limits: labels are moved inwards to lie within.
/// - Returns: the chosen steps, rising, and where each label starts.
func stepTicks(
  _ steps: [Double], limits: ClosedRange<Double>, em: Double, label: (Double) -> String,
  position: (Double) -> Double, width: (String) -> Double
) -> [(tick: Tick, start: Double)] {
  guard let first = steps.first, let last = steps.last else { return [] }
  var chosen: [(tick: Tick, start: Double, end: Double, at: Double)] = []

  func place(_ step: Double, gap: Double) -> Bool {
    let text = label(step)
    let (w, at) = (width(text), position(step))
    guard at.isFinite else { return false }
    let start = min(max(at - w / 2, limits.lowerBound), limits.upperBound - w)
    guard start >= limits.lowerBound - 1e-9,
      chosen.allSatisfy({ start >= $0.end + gap || start + w <= $0.start - gap })
    else { return false }
    chosen.append((Tick(value: step, label: text), start, start + w, at))
    return true
  }

  // The end of training says most; where there is no room for two labels it stands alone.
  _ = place(last, gap: 0.5 * em)
  if first != last { _ = place(first, gap: 0.5 * em) }
  let present = Set(steps)
  for step in [512.0, 63000, 13000, 8] where present.contains(step) && step != last {
    _ = place(step, gap: 0.5 * em)
  }
  var rest = candidates(steps).filter { step in !chosen.contains { $0.tick.value == step } }
  // Once a few have found no place, neither will the others.
  var attempts = 0
  while !rest.isEmpty, chosen.count < 7, attempts < 40 {
    attempts += 1
    func room(_ step: Double) -> Double {
      let at = position(step)
      let near = chosen.map { abs($0.at - at) }.min() ?? 0
      return near * (isRound(step) ? 1 : 0.6)
    }
    guard let best = rest.max(by: { room($0) < room($1) }) else { break }
    rest.removeAll { $0 == best }
    // Further labels need air, or the axis turns into a ruler.
    _ = place(best, gap: 1.6 * em)
  }
  return chosen.sorted { $0.tick.value < $1.tick.value }.map { ($0.tick, $0.start) }
}

/// A training log has a hundred thousand steps: then only the round ones are worth a label.
private func candidates(_ steps: [Double]) -> [Double] {
  if steps.count <= 256 { return steps }
  let round = steps.filter(isRound)
  let stride = max(1, round.count / 256)
  return round.enumerated().filter { $0.offset.isMultiple(of: stride) }.map(\.element)
}

/// Powers of two, and one digit before zeros.
private func isRound(_ step: Double) -> Bool {
  guard step >= 1, step < 1e15, step == step.rounded() else { return step == 0 }
  var n = Int(step)
  if n & (n - 1) == 0 { return true }
  while n.isMultiple(of: 10) { n /= 10 }
  return n < 10
}
