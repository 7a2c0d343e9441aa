import Statistics

/// Finds the pairs of convergence and PER in the summaries of one data set.
struct PairSource: Sendable {
  /// A similarity of whole layers, whatever the run.
  struct Similarity: Hashable {
    var component: String
    var metric: String
    var variant: String
    var rows: String
    var probe: String

    var words: [String] { [component, metric, variant, rows, probe] }
  }

  /// The PER of whole layers, whatever the run.
  struct Rank: Hashable {
    var component: String
    var object: String
    var variant: String
    var probe: String
    /// The product of all heads in place of the mean over heads.
    var fullProduct = false
  }

  /// The pairs of one run.
  struct RunPairs: Sendable {
    let run: String
    let sample: PairedSample
    /// The layer of each pair, ascending.
    let layers: [Int]
    /// Layers with one of the two values only.
    let unpaired: Int
  }

  /// A curve of a layer with its measures.
  private struct Layer {
    let index: Int
    let key: CurveKey
    let values: CurveValues
  }

  /// The number of layers N of each run.
  let layerCounts: [String: Int]
  /// The similarities of whole layers, sorted.
  let similarities: [Similarity]
  /// The layers of each run, ascending.
  private let similarityLayers: [Similarity: [String: [Layer]]]
  private let rankLayers: [Rank: [String: [Layer]]]

  /// Debiased CKA, or the biased one where the table lacks it everywhere.
  var headlineMetric: String {
    let metrics = Set(similarities.map(\.metric))
    return metrics.contains("cka_debiased") || !metrics.contains("cka") ? "cka_debiased" : "cka"
  }

  init(_ summaries: Summaries, runs: [RunDescription]) {
    var similarities: [Similarity: [String: [Layer]]] = [:]
    var ranks: [Rank: [String: [Layer]]] = [:]
    var counts: [String: Int] = [:]
    for (key, values) in summaries.values {
      guard let layer = key.layer else { continue }
      let entry = Layer(index: layer, key: key, values: values)
      counts[key.run] = max(counts[key.run] ?? 0, layer + 1)
      if key.isSimilarity, key.head == nil, key.object == "activations" {
        let family = Similarity(
          component: key.component, metric: key.metric, variant: key.variant, rows: key.rows,
          probe: key.probe)
        similarities[family, default: [:]][key.run, default: []].append(entry)
      } else if key.metric == "per", key.head == nil || key.head == HeadMeans.head {
        let isProduct = key.component == "ov" && key.head == nil
        let family = Rank(
          component: key.component, object: key.object, variant: key.variant, probe: key.probe,
          fullProduct: isProduct)
        ranks[family, default: [:]][key.run, default: []].append(entry)
      }
    }
    for run in runs {
      if let layers = run.layers { counts[run.run] = max(counts[run.run] ?? 0, layers) }
    }
    self.similarities = similarities.keys.sorted {
      zip($0.words, $1.words).first { $0 != $1 }.map { precedes($0, $1) } ?? false
    }
    layerCounts = counts
    func ascending(_ runs: [String: [Layer]]) -> [String: [Layer]] {
      runs.mapValues { $0.sorted { CurveKey.isOrdered($0.key, before: $1.key) } }
    }
    rankLayers = ranks.mapValues(ascending)
    similarityLayers = similarities.mapValues(ascending)
  }

  /// The probes of gradients' PER.
  var rankProbes: Set<String> { Set(rankLayers.keys.map(\.probe)).subtracting([""]) }

  /// The curves of a similarity's layers in a run, in their order.
  func keys(of similarity: Similarity, run: String) -> [CurveKey] {
    layers(of: similarity, run: run).map(\.key)
  }

  private func layers(of similarity: Similarity, run: String) -> [Layer] {
    similarityLayers[similarity]?[run] ?? []
  }

  /// The curves of PER of a run's layers, in their order; of OV by head, the means over heads.
  func keys(of rank: Rank, run: String) -> [CurveKey] {
    (rankLayers[rank]?[run] ?? []).map(\.key)
  }

  func has(_ similarity: Similarity) -> Bool { similarityLayers[similarity] != nil }

  /// The component whose PER goes with a similarity: mlp with mlp, ov and attention with ov.
  static func rankComponent(for component: String) -> String? {
    switch component {
    case "mlp": "mlp"
    case "ov", "attention": "ov"
    default: nil
    }
  }

  /// The PER in `variant` at the similarity's probe; weights have none. Where gradients were taken
  /// on one other batch only, that one.
  func rank(
    _ component: String, object: String, variant: String, probe: String, fullProduct: Bool = false
  ) -> Rank? {
    let candidates = rankLayers.keys.filter {
      $0.component == component && $0.object == object && $0.variant == variant
        && $0.fullProduct == (fullProduct && component == "ov")
    }
    return candidates.first { $0.probe == probe } ?? candidates.first { $0.probe.isEmpty }
      ?? (candidates.count == 1 ? candidates.first : nil)
  }

  /// The runs that have a similarity, sorted.
  func runs(of similarity: Similarity) -> [String] {
    (similarityLayers[similarity] ?? [:]).keys.sorted(by: precedes)
  }

  func runs(of rank: Rank) -> [String] { (rankLayers[rank] ?? [:]).keys.sorted(by: precedes) }

  /// The values of a measure over the layers of a run, in their order; +∞ for "never".
  func values(_ similarity: Similarity, _ measure: Measure, _ window: Window, run: String)
    -> [Double]
  {
    layers(of: similarity, run: run).compactMap { $0.values.value(window, measure) }
  }

  /// The values of a summary of PER over the layers of a run whose curve has at least `fewest`
  /// checkpoints in the window.
  func values(
    _ rank: Rank, _ measure: Measure, _ window: Window, run: String, fewest: Int = 0
  ) -> [Double] {
    (rankLayers[rank]?[run] ?? [])
      .filter { fewest == 0 || $0.values.count(window) ?? 0 >= fewest }
      .compactMap { $0.values.value(window, measure) }
  }

  /// The layers of a run that a similarity has.
  func layerCount(_ similarity: Similarity, run: String) -> Int {
    layers(of: similarity, run: run).count
  }

  /// The pairs of each run that has any, with relative depth ℓ / (N − 1) as control; the depth
  /// itself where `rank` is nil.
  func pairs(
    _ similarity: Similarity, _ measure: Measure, with rank: Rank?, _ rankMeasure: Measure,
    _ window: Window
  ) -> [RunPairs] {
    runs(of: similarity).compactMap { run in
      let top = Double(max(1, (layerCounts[run] ?? 1) - 1))
      var (x, y, depth): ([Double], [Double], [Double]) = ([], [], [])
      var layers: [Int] = []
      var unpaired = 0
      var others = rank.map { (rankLayers[$0]?[run] ?? [])[...] }
      for layer in self.layers(of: similarity, run: run) {
        let relative = Double(layer.index) / top
        var other: Double? = relative
        if let ranked = others?.drop(while: { $0.index < layer.index }) {
          others = ranked
          other =
            ranked.first?.index == layer.index
            ? ranked.first?.values.value(window, rankMeasure) : nil
        }
        guard let value = layer.values.value(window, measure), let other else {
          unpaired += 1
          continue
        }
        x.append(value)
        y.append(other)
        depth.append(relative)
        layers.append(layer.index)
      }
      guard !x.isEmpty else { return nil }
      return RunPairs(
        run: run, sample: PairedSample(x: x, y: y, control: depth), layers: layers,
        unpaired: unpaired)
    }
  }
}
