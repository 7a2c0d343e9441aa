import Statistics

/// One quantity of one run as layer × step: what a heatmap shows, and what lines and medians are
/// taken from.
struct LayerGrid: Sendable {
  let run: RunView
  let quantity: Quantity
  /// Rising, the final step among them where it has values.
  let steps: [Int]
  let layers: [Int]
  /// By layer, then step; NaN where there is nothing.
  let values: [[Double]]
  let lower: [[Double]]
  let upper: [[Double]]

  var finalStep: Int { run.finalStep }

  /// Whether any value has an interval.
  var hasIntervals: Bool { lower.contains { $0.contains { $0.isFinite } } }

  /// The rows whose intervals are drawn as bands, and the words that say which: more than six bands lie on top of one
  /// another and say nothing, so then the first and the last layer stand for all. Empty without intervals.
  var banded: (rows: [Int], words: String) {
    guard hasIntervals else { return ([], "") }
    return layers.count <= 6
      ? (Array(layers.indices), "95 % interval".nonBreaking)
      : ([0, layers.count - 1], "95 % interval, first and last layer".nonBreaking)
  }

  /// Half the width of a value's interval, the median over all that have one; nil where none has.
  var typicalHalfWidth: Double? {
    Statistics.median(
      of: zip(lower.joined(), upper.joined()).compactMap { low, high in
        low.isFinite && high.isFinite ? (high - low) / 2 : nil
      })
  }

  /// The steps before the final one: where a similarity to the final checkpoint says something.
  var stepsBeforeFinal: [Int] { steps.filter { $0 < finalStep } }

  /// The values at `steps[index]`, without those that are missing.
  func column(_ index: Int) -> [Double] {
    values.compactMap { $0[index].isFinite ? $0[index] : nil }
  }

  /// Median, quartiles and range over the layers at every step; steps without a value are left out.
  func summaries(includingFinal: Bool) -> [StepSummary] {
    steps.indices.compactMap { index in
      guard includingFinal || steps[index] < finalStep else { return nil }
      return StepSummary(step: steps[index], values: column(index))
    }
  }

  /// The grid without the final step and whatever lies behind it.
  func beforeFinal() -> LayerGrid {
    let kept = steps.indices.filter { steps[$0] < finalStep }
    func pick(_ rows: [[Double]]) -> [[Double]] { rows.map { row in kept.map { row[$0] } } }
    return LayerGrid(
      run: run, quantity: quantity, steps: kept.map { steps[$0] }, layers: layers,
      values: pick(values), lower: pick(lower), upper: pick(upper))
  }

  /// The median over layers at the last step at or before `share` of training.
  func median(atShare share: Double) -> Double? {
    let limit = share * Double(finalStep)
    guard let index = steps.lastIndex(where: { Double($0) <= limit }) else { return nil }
    return Statistics.median(of: column(index))
  }

  /// For each layer the first step from which it stays at `threshold` or above until the last step
  /// before the final one; nil where it never does.
  func settledFrom(_ threshold: Double) -> [Int?] {
    values.map { row in
      var first: Int?
      for index in steps.indices.reversed() where steps[index] < finalStep && row[index].isFinite {
        if row[index] < threshold { break }
        first = steps[index]
      }
      return first
    }
  }
}

/// The distribution over layers at one step.
struct StepSummary: Sendable, Equatable {
  let step: Int
  let minimum, lowerQuartile, median, upperQuartile, maximum: Double
  let count: Int

  /// Nil where there is no value.
  init?(step: Int, values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last,
      let low = quantile(0.25, ofSorted: sorted), let middle = quantile(0.5, ofSorted: sorted),
      let high = quantile(0.75, ofSorted: sorted)
    else { return nil }
    self.step = step
    minimum = first
    lowerQuartile = low
    median = middle
    upperQuartile = high
    maximum = last
    count = sorted.count
  }
}
