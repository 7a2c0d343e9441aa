/// Curves of the mean over the heads of a layer: what "PER of OV" of a layer is.
///
/// Their keys are those of the heads with the metric `per` and the head −1, which no table has.
enum HeadMeans {
  static let head = -1

  static func key(_ layer: CurveKey) -> CurveKey {
    var key = layer
    key.head = head
    return key
  }

  /// One curve a layer; a step at which a head's value is missing is missing.
  static func curves(of set: CurveSet) -> [Curve] {
    let heads = set.curves.filter {
      $0.key.head != nil && $0.key.metric == "per" && $0.key.isSummarised
    }
    let layers = Dictionary(grouping: heads) { curve in key(curve.key) }
    return layers.map { key, heads in mean(heads, key) }
      .sorted { CurveKey.isOrdered($0.key, before: $1.key) }
  }

  private static func mean(_ heads: [Curve], _ key: CurveKey) -> Curve {
    var sums: [Int: (sum: Double, count: Int)] = [:]
    var steps: Set<Int> = []
    for head in heads {
      for point in head.points {
        let known = sums[point.step] ?? (0, 0)
        sums[point.step] = (known.sum + point.value, known.count + 1)
        steps.insert(point.step)
      }
      steps.formUnion(head.missing)
    }
    let final = heads.first?.finalStep ?? 0
    let points = sums.filter { $0.value.count == heads.count }.map { step, total in
      CurvePoint(
        step: step, u: final > 0 ? Double(step) / Double(final) : 0,
        value: total.sum / Double(total.count), lower: nil, upper: nil)
    }.sorted { $0.step < $1.step }
    let whole = Set(points.map(\.step))
    return Curve(
      key: key, finalStep: final, points: points,
      missing: steps.filter { !whole.contains($0) }.sorted(), n: nil)
  }
}
