import Dynamics
import Statistics

/// Convergence measures by layer, found by curve and measure.
struct ConvergenceIndex: Sendable {
  private struct Key: Hashable {
    var run: String
    var quantity: Quantity
    var window: String
    var measure: String
  }

  /// A layer's measure; nil value: it never settles.
  struct Entry: Sendable {
    var layer: Int
    var value: Double?
    var lower: Double?
    var upper: Double?
  }

  private let entries: [Key: [Entry]]

  init(_ rows: [ConvergenceRow]) {
    var entries: [Key: [Entry]] = [:]
    for row in rows {
      let curve = row.curve
      guard curve.head == nil, let layer = curve.layer else { continue }
      let key = Key(
        run: curve.run,
        quantity: Quantity(
          component: curve.component, object: curve.object, metric: curve.metric,
          variant: curve.variant, rows: curve.rows, probe: curve.probe),
        window: row.window.rawValue, measure: row.measure.rawValue)
      entries[key, default: []].append(
        Entry(layer: layer, value: row.value, lower: row.lower, upper: row.upper))
    }
    self.entries = entries.mapValues { $0.sorted { $0.layer < $1.layer } }
  }

  /// The layers that have the measure, by rising layer; empty where it is not defined.
  func layers(
    _ run: RunView, _ quantity: Quantity, _ measure: String, window: String = "all"
  ) -> [Entry] {
    entries[
      Key(run: run.name, quantity: quantity, window: window, measure: measure)] ?? []
  }

  /// The median over layers; nil where there is none or where it falls on a layer that never settles.
  func median(
    _ run: RunView, _ quantity: Quantity, _ measure: String, window: String = "all"
  ) -> Double? {
    let values = layers(run, quantity, measure, window: window).map { $0.value ?? .infinity }
    guard let middle = Statistics.median(of: values), middle.isFinite else { return nil }
    return middle
  }

  /// The share of layers that settle at or before `share` of training, with their number.
  func settledShare(
    _ run: RunView, _ quantity: Quantity, by share: Double = 0.2, window: String = "all"
  ) -> (share: Double, settled: Int, of: Int)? {
    let layers = layers(run, quantity, "settling_0.9", window: window)
    guard !layers.isEmpty else { return nil }
    let settled = layers.count { ($0.value ?? .infinity) <= share }
    return (Double(settled) / Double(layers.count), settled, layers.count)
  }

  /// How many layers never settle.
  func never(_ run: RunView, _ quantity: Quantity, window: String = "all") -> (Int, of: Int)? {
    let layers = layers(run, quantity, "settling_0.9", window: window)
    return layers.isEmpty ? nil : (layers.count { $0.value == nil }, layers.count)
  }
}
