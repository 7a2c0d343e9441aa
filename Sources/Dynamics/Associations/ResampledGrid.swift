import Statistics

/// Rows whose interval and p come from the same draws of the same layers: those that share run,
/// similarity, window, method and scope.
struct ResampledGrid: Sendable {
  /// What the draws depend on: the part of a row's key that says which layers are drawn, and these.
  /// Measures and PER are not in it, so that lists are ranked once for all the rows that have them.
  struct Key: Hashable, Sendable {
    let words: [String]
    let method: CorrelationMethod
    let scope: AssociationScope
    private let runs: [String]
    private let layers: [[Int]]

    init(_ key: AssociationKey, variant: String, _ strata: [PairSource.RunPairs]) {
      words = [
        key.run, key.component, key.metric, variant, key.rows, key.probe, key.window.rawValue,
        key.method.rawValue, key.scope.rawValue,
      ]
      method = key.method
      scope = key.scope
      runs = strata.map(\.run)
      layers = strata.map(\.layers)
    }

    func isOrdered(before other: Key) -> Bool {
      let own = words + runs + layers.map { $0.map(String.init).joined(separator: " ") }
      let its =
        other.words + other.runs
        + other.layers.map { $0.map(String.init).joined(separator: " ") }
      return own.lexicographicallyPrecedes(its, by: precedes)
    }
  }

  let key: Key
  private(set) var rows: [AssociationRow] = []
  private(set) var pairs: [GridPair] = []
  /// The lists of each stratum: x by x, y by y.
  private var xs: [[[Double]]] = []
  private var ys: [[[Double]]] = []
  private var controls: [[Double]] = []
  private var xPlaces: [Measure: Int] = [:]
  private var yPlaces: [[[Double]]: Int] = [:]

  init(_ key: Key) { self.key = key }

  /// What `CorrelationGrid` takes.
  var strata: [CorrelationGrid.Stratum] {
    controls.indices.map { stratum in
      CorrelationGrid.Stratum(
        xs: xs.map { $0[stratum] }, ys: ys.map { $0[stratum] }, control: controls[stratum])
    }
  }

  /// About how long the grid takes: draws of pairs over their layers.
  var cost: Int {
    pairs.count * controls.reduce(0) { $0 + $1.count }
  }

  mutating func add(_ row: AssociationRow, _ strata: [PairSource.RunPairs]) {
    if controls.isEmpty { controls = strata.map(\.sample.control) }
    let measure = row.key.measure
    let x = xPlaces[measure] ?? xs.count
    if x == xs.count {
      xPlaces[measure] = x
      xs.append(strata.map(\.sample.x))
    }
    let lists = strata.map(\.sample.y)
    let y = yPlaces[lists] ?? ys.count
    if y == ys.count {
      yPlaces[lists] = y
      ys.append(lists)
    }
    rows.append(row)
    pairs.append(GridPair(x: x, y: y))
  }
}
