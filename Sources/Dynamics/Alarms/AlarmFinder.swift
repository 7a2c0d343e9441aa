import Statistics

/// Looks through the curves of a data set for what METHODS section 7 calls alarms.
struct AlarmFinder {
  /// A curve is flat where it moves by less than this from t_w on, and far below 1 under `farBelow`.
  static let flatRange = 0.1
  static let farBelow = 0.5
  /// PER rises where it gains so much from t_w on, with this rank correlation with the step.
  static let rise = 0.05
  static let steadily = 0.9
  /// A group of layers is a third of a run; smaller groups say nothing about a relation.
  static let fewestLayers = 6
  static let absent = 0.1
  static let reversed = -0.5

  let data: DataSet
  let metric: String

  var alarms: [Alarm] {
    (nonFinite + flat + rising + relations).sorted { a, b in
      let (left, right) = (order(a), order(b))
      return zip(left, right).first { $0 != $1 }.map { precedes($0, $1) } ?? false
    }
  }

  private func order(_ alarm: Alarm) -> [String] {
    let place = Alarm.Kind.allCases.firstIndex { $0.rawValue == alarm.kind } ?? 0
    let first = alarm.kind == Alarm.Kind.nonFinite.rawValue ? "0" : "1\(place)"
    return [
      first, alarm.run, alarm.component, alarm.object, alarm.metric, alarm.probe,
      "\(alarm.layers.first ?? 0)",
    ]
  }

  /// Curves of whole layers that `isMeant`, by everything but the layer.
  private func families(_ isMeant: (Curve) -> Bool) -> [(key: CurveKey, curves: [Curve])] {
    let layers = data.curves.curves.filter { $0.key.layer != nil && isMeant($0) }
    let groups = Dictionary(grouping: layers) { curve in
      var key = curve.key
      key.layer = nil
      key.head = nil
      return key
    }
    return groups.keys.sorted(by: CurveKey.isOrdered).map { ($0, groups[$0] ?? []) }
  }

  private var nonFinite: [Alarm] {
    families { !$0.missing.isEmpty }.map { key, curves in
      let layers = Set(curves.compactMap(\.key.layer)).sorted()
      let steps = Set(curves.flatMap(\.missing)).sorted()
      let count = curves.reduce(0) { $0 + $1.missing.count }
      return Alarm(
        .nonFinite, key, layers: layers, steps: steps,
        sentence: "\(Wording.count(count, "value")) of \(name(key)) missing or not finite, in "
          + "\(Wording.count(layers.count, "layer")) at \(Wording.count(steps.count, "step")); the "
          + "rest is used.")
    }
  }

  private var flat: [Alarm] {
    families { $0.key.metric == metric && $0.key.head == nil }.compactMap { key, curves in
      let late = Set(data.windows.steps(of: key.run, .late))
      let found = curves.compactMap { curve -> (layer: Int, high: Double)? in
        let values = curve.measured.filter { late.contains($0.step) }
        guard values.count >= Measure.fewestCheckpoints, let layer = curve.key.layer,
          let first = values.first, let last = values.last, last.u - first.u >= 0.5,
          let low = values.map(\.value).min(), let high = values.map(\.value).max(),
          high - low < Self.flatRange, high < Self.farBelow
        else { return nil }
        return (layer, high)
      }
      guard let highest = found.map(\.high).max() else { return nil }
      return Alarm(
        .flatEarly, key, layers: found.map(\.layer).sorted(), steps: measured(late, curves),
        sentence: "\(name(key)) stays flat at \(Wording.number(highest)) or below after the "
          + "first \(Wording.percent(WindowPlan.lateFraction)) of training in "
          + "\(Wording.count(found.count)) of \(Wording.count(curves.count, "layer")), and is 1 at "
          + "the end by construction alone.")
    }
  }

  /// The steps of a window at which any of the curves is measured.
  private func measured(_ window: Set<Int>, _ curves: [Curve]) -> [Int] {
    Set(curves.flatMap { $0.measured.map(\.step) }).intersection(window).sorted()
  }

  private var rising: [Alarm] {
    let means = Dictionary(grouping: HeadMeans.curves(of: data.curves)) { curve in
      var key = curve.key
      key.layer = nil
      key.head = nil
      return key
    }
    let own = families {
      $0.key.metric == "per" && $0.key.variant == "default" && $0.key.head == nil
        && $0.key.component == "mlp"
    }
    let byHead = means.keys.filter { $0.variant == "default" }.sorted(by: CurveKey.isOrdered)
      .map { ($0, means[$0] ?? []) }
    return (own + byHead).compactMap { key, curves in
      let late = Set(data.windows.steps(of: key.run, .late))
      let gains = curves.compactMap { curve -> (layer: Int, gain: Double)? in
        let points = curve.points.filter { late.contains($0.step) }
        guard points.count >= Measure.fewestCheckpoints, let layer = curve.key.layer,
          let rho = spearman(points.map(\.value), points.map { Double($0.step) }),
          rho >= Self.steadily, let first = points.first, let last = points.last,
          last.value - first.value >= Self.rise
        else { return nil }
        return (layer, last.value - first.value)
      }
      guard !gains.isEmpty, let most = gains.map(\.gain).max() else { return nil }
      return Alarm(
        .perRising, key, layers: gains.map(\.layer).sorted(), steps: late.sorted(),
        sentence: "\(Wording.rank(key.component, key.object)) rises through training in "
          + "\(Wording.count(gains.count)) of \(Wording.count(curves.count, "layer")), by up to "
          + "\(Wording.number(most)).")
    }
  }

  /// The relation of area with PER in the thirds of a run's layers; the whole run where a third is
  /// too small.
  private var relations: [Alarm] {
    let head = data.pairs.similarities.filter {
      $0.metric == metric && $0.variant == "default" && $0.rows == "last"
    }
    return head.flatMap { similarity in
      ["weights", "gradients"].flatMap { object -> [Alarm] in
        guard let component = PairSource.rankComponent(for: similarity.component),
          let rank = data.pairs.rank(
            component, object: object, variant: "default", probe: similarity.probe)
        else { return [] }
        return data.pairs.pairs(similarity, .area, with: rank, .mean, .all).flatMap { pairs in
          groups(pairs.sample.count).compactMap { group in
            relation(similarity, object, pairs, group)
          }
        }
      }
    }
  }

  private func groups(_ layers: Int) -> [Range<Int>] {
    guard layers >= 3 * Self.fewestLayers else {
      return layers >= Self.fewestLayers ? [0..<layers] : []
    }
    return (0..<3).map { layers * $0 / 3..<layers * ($0 + 1) / 3 }
  }

  private func relation(
    _ similarity: PairSource.Similarity, _ object: String, _ pairs: PairSource.RunPairs,
    _ group: Range<Int>
  ) -> Alarm? {
    guard
      let rho = spearman(Array(pairs.sample.x[group]), Array(pairs.sample.y[group]))
    else { return nil }
    let kind: Alarm.Kind
    if rho <= Self.reversed {
      kind = .relationReversed
    } else if abs(rho) < Self.absent {
      kind = .relationAbsent
    } else {
      return nil
    }
    let key = CurveKey(
      run: pairs.run, component: similarity.component, object: object, metric: "per",
      probe: similarity.probe)
    let layers = pairs.layers[group]
    let steps = data.windows.steps(of: pairs.run, .all)
    let word = kind == .relationReversed ? "reversed" : "absent"
    return Alarm(
      kind, key, layers: Array(layers), steps: steps,
      sentence: "The relation of convergence (area) with "
        + "\(Wording.rank(similarity.component == "attention" ? "ov" : similarity.component, object))"
        + " is \(word) in layers \(layers.first ?? 0) to \(layers.last ?? 0), "
        + "\(Wording.component(similarity.component)): ρ \(Wording.signed(rho)), "
        + "\(Wording.count(layers.count, "layer")).")
  }

  private func name(_ key: CurveKey) -> String {
    let metric = Wording.metric(key.metric)
    let object = key.object == "activations" ? "" : " \(key.object)"
    return "\(metric) of \(Wording.component(key.component))\(object)"
  }
}
