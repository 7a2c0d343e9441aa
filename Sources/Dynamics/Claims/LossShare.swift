/// The share of its loss reduction that a run has made at each checkpoint: 0 at the first, 1 at the
/// final one, never falling (the best loss so far counts).
struct LossShare: Sendable {
  private let shares: [Int: Double]

  /// From the loss on `probe`, or on the only probe that has one; nil where the run has no loss at
  /// its final checkpoint or none was reduced.
  init?(_ set: CurveSet, run: String, probe: String) {
    let losses = set.curves.filter {
      $0.key.run == run && $0.key.metric == "loss" && $0.key.layer == nil
    }
    let own = losses.first { $0.key.probe == probe }
    guard let curve = own ?? (losses.count == 1 ? losses[0] : nil), let first = curve.points.first,
      let last = curve.points.last, last.step == curve.finalStep, first.value > last.value
    else { return nil }
    var shares: [Int: Double] = [:]
    var best = 0.0
    for point in curve.points {
      best = max(best, (first.value - point.value) / (first.value - last.value))
      shares[point.step] = min(1, best)
    }
    self.shares = shares
  }

  subscript(step: Int) -> Double? { shares[step] }
}
