/// The measures of one curve in each window.
struct CurveValues: Sendable {
  private struct Entry {
    let window: Window
    let measure: Measure
    let value: Double
  }

  /// A few dozen at most, so that looking through them takes less than a hash.
  private var entries: [Entry] = []
  private var counts: [(window: Window, checkpoints: Int)] = []

  var isEmpty: Bool { entries.isEmpty }

  /// +∞ for a layer that never settles, nil where the measure has no row.
  func value(_ window: Window, _ measure: Measure) -> Double? {
    entries.first { $0.measure == measure && $0.window == window }?.value
  }

  /// The checkpoints behind the measures of a window; nil where it has none.
  func count(_ window: Window) -> Int? {
    counts.first { $0.window == window }?.checkpoints
  }

  mutating func add(_ row: ConvergenceRow) {
    entries.append(Entry(window: row.window, measure: row.measure, value: row.comparable))
    if count(row.window) == nil { counts.append((row.window, row.n)) }
  }
}
