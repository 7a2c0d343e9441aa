import Dynamics

/// The study's curves, found by quantity and run.
struct CurveIndex: Sendable {
  /// Quantities by layer, sorted.
  let quantities: [Quantity]
  /// Quantities by head, sorted.
  let headQuantities: [Quantity]
  let layerCounts: [String: Int]
  let steps: [String: [Int]]
  let finalSteps: [String: Int]
  let sampleSizes: [Quantity: Int]
  private let curves: [Curve]
  private let byLayer: [Quantity: [String: [Int]]]
  private let byHead: [Quantity: [String: [Int]]]
  private let ofModel: [Quantity: [String: Int]]

  init(_ set: CurveSet, table: MeasurementTable) {
    curves = set.curves
    var byLayer: [Quantity: [String: [Int]]] = [:]
    var byHead: [Quantity: [String: [Int]]] = [:]
    var ofModel: [Quantity: [String: Int]] = [:]
    var layerCounts: [String: Int] = [:]
    var steps: [String: Set<Int>] = [:]
    var finalSteps: [String: Int] = [:]
    for (place, curve) in set.curves.enumerated() {
      let key = curve.key
      let quantity = Quantity(
        component: key.component, object: key.object, metric: key.metric, variant: key.variant,
        rows: key.rows, probe: key.probe)
      finalSteps[key.run] = curve.finalStep
      if key.head != nil {
        byHead[quantity, default: [:]][key.run, default: []].append(place)
        continue
      }
      // Heads share their layer's steps: counting those of layers is enough, unless heads are all.
      steps[key.run, default: []].formUnion(curve.points.lazy.map(\.step))
      if let layer = key.layer {
        byLayer[quantity, default: [:]][key.run, default: []].append(place)
        layerCounts[key.run] = max(layerCounts[key.run] ?? 0, layer + 1)
      } else {
        ofModel[quantity, default: [:]][key.run] = place
      }
    }
    for (_, runs) in byHead {
      for (run, places) in runs where steps[run] == nil || layerCounts[run] == nil {
        for place in places {
          steps[run, default: []].formUnion(set.curves[place].points.lazy.map(\.step))
          layerCounts[run] = max(
            layerCounts[run] ?? 0, (set.curves[place].key.layer ?? 0) + 1)
        }
      }
    }
    self.byLayer = byLayer
    self.byHead = byHead
    self.ofModel = ofModel
    self.layerCounts = layerCounts
    self.steps = steps.mapValues { $0.sorted() }
    self.finalSteps = finalSteps
    quantities = byLayer.keys.sorted(by: Self.precedes)
    headQuantities = byHead.keys.sorted(by: Self.precedes)
    var sizes: [Quantity: Int] = [:]
    for row in table.rows where row.head == nil {
      guard let n = row.n else { continue }
      let quantity = Quantity(
        component: row.component, object: row.object, metric: row.metric, variant: row.variant,
        rows: row.rows, probe: row.probe)
      sizes[quantity] = max(sizes[quantity] ?? 0, n)
    }
    sampleSizes = sizes
  }

  func has(_ quantity: Quantity) -> Bool { byLayer[quantity] != nil }

  /// How many runs have the quantity.
  func runCount(_ quantity: Quantity) -> Int { byLayer[quantity]?.count ?? 0 }

  func grid(_ run: RunView, _ quantity: Quantity) -> LayerGrid? {
    guard let places = byLayer[quantity]?[run.name] else { return nil }
    return grid(run, quantity, places)
  }

  func headGrids(_ run: RunView, _ quantity: Quantity) -> [Int: LayerGrid] {
    guard let places = byHead[quantity]?[run.name] else { return [:] }
    let byHead = Dictionary(grouping: places) { curves[$0].key.head ?? 0 }
    return byHead.mapValues { grid(run, quantity, $0) }
  }

  /// The mean over heads at each layer and step; missing where a head is missing.
  func headMean(_ run: RunView, _ quantity: Quantity) -> LayerGrid? {
    let heads = headGrids(run, quantity)
    guard !heads.isEmpty else { return nil }
    let steps = Set(heads.values.flatMap(\.steps)).sorted()
    let layers = Set(heads.values.flatMap(\.layers)).sorted()
    var sums = [[Double]](
      repeating: [Double](repeating: 0, count: steps.count), count: layers.count)
    var counts = [[Int]](repeating: [Int](repeating: 0, count: steps.count), count: layers.count)
    let stepPlace = Dictionary(uniqueKeysWithValues: steps.enumerated().map { ($1, $0) })
    let layerPlace = Dictionary(uniqueKeysWithValues: layers.enumerated().map { ($1, $0) })
    for head in heads.keys.sorted() {
      guard let grid = heads[head] else { continue }
      for (row, layer) in grid.layers.enumerated() {
        for (column, step) in grid.steps.enumerated() {
          guard let l = layerPlace[layer], let s = stepPlace[step],
            grid.values[row][column].isFinite
          else { continue }
          sums[l][s] += grid.values[row][column]
          counts[l][s] += 1
        }
      }
    }
    let values = sums.indices.map { l in
      sums[l].indices.map { s in
        counts[l][s] == heads.count ? sums[l][s] / Double(heads.count) : Double.nan
      }
    }
    let empty = values.map { [Double](repeating: .nan, count: $0.count) }
    return LayerGrid(
      run: run, quantity: quantity, steps: steps, layers: layers, values: values, lower: empty,
      upper: empty)
  }

  func model(
    _ run: RunView, metric: String, probe: String
  ) -> [(step: Int, value: Double)] {
    let places = ofModel.filter { $0.key.metric == metric && $0.key.probe == probe }
      .sorted { Self.precedes($0.key, $1.key) }
    guard let place = places.first?.value[run.name] else { return [] }
    return curves[place].points.map { ($0.step, $0.value) }
  }

  private func grid(_ run: RunView, _ quantity: Quantity, _ places: [Int]) -> LayerGrid {
    let steps = Set(places.flatMap { curves[$0].points.map(\.step) }).sorted()
    let column = Dictionary(uniqueKeysWithValues: steps.enumerated().map { ($1, $0) })
    let ordered = places.sorted { (curves[$0].key.layer ?? 0) < (curves[$1].key.layer ?? 0) }
    let empty = [Double](repeating: .nan, count: steps.count)
    var values = [[Double]](repeating: empty, count: ordered.count)
    var lower = values
    var upper = values
    for (row, place) in ordered.enumerated() {
      for point in curves[place].points {
        guard let column = column[point.step] else { continue }
        values[row][column] = point.value
        lower[row][column] = point.lower ?? .nan
        upper[row][column] = point.upper ?? .nan
      }
    }
    return LayerGrid(
      run: run, quantity: quantity, steps: steps, layers: ordered.map { curves[$0].key.layer ?? 0 },
      values: values, lower: lower, upper: upper)
  }

  private static func precedes(_ a: Quantity, _ b: Quantity) -> Bool {
    let keysA = [a.component, a.object, a.metric, a.variant, a.rows, a.probe]
    let keysB = [b.component, b.object, b.metric, b.variant, b.rows, b.probe]
    return keysA.lexicographicallyPrecedes(keysB) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
