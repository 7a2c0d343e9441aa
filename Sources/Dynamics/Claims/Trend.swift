import Statistics

/// The trend of a summary of each size's layers over log₁₀ of its parameters: the size is the unit,
/// seeds are averaged first (METHODS, section 7).
struct Trend: Sendable {
  let component: String
  let object: String
  let measure: String
  let metric: String
  let variant: String
  let window: Window
  /// +1 where the claimed side is up, −1 where it is down.
  let orientation: Double
  /// Whether equal summaries everywhere are no data: a rank that never differs says nothing of size.
  var needsDifferences = false
  /// What is missing where sizes lack the summary; its end says at how many there is one.
  let missing: Need

  /// A share or a median over layers asks for so many; a run with one is no run of layers.
  static let fewestLayers = 2
  /// Of the intervals that share 5 % of false contradictions among the four cells of C1, C2 and C5:
  /// each may lie wholly opposite in 1.25 % of suites without an effect (Bonferroni).
  static let jointLevel = 1 - 2 * 0.05 / 4

  /// `layers`: the values over a run's layers; `summary`: their share or median.
  func cell(
    _ ladder: Ladder?, _ lens: Lens, layers: (String) -> [Double],
    summary: ([Double]) -> Double?
  ) -> EvidenceCell {
    var points: [EvidencePoint] = []
    var shallow = 0
    for size in ladder?.sizes ?? [] {
      guard let x = size.x(nonEmbedding: lens.nonEmbedding) else { continue }
      let all = size.runs.map { ($0, layers($0)) }.filter { !$0.1.isEmpty }
      let values = all.filter { $0.1.count >= Self.fewestLayers }
      if values.isEmpty, !all.isEmpty { shallow += 1 }
      let summaries = values.compactMap { summary($0.1) }
      guard let y = mean(of: summaries), y.isFinite else { continue }
      points.append(
        EvidencePoint(
          label: values.map(\.0).joined(separator: ", "), x: x, y: y,
          n: values.reduce(0) { $0 + $1.1.count }))
    }
    var cell = EvidenceCell(
      component: component, object: object, measure: measure, metric: metric, variant: variant,
      window: window, verdict: .notEnoughData, n: points.count, decides: true, points: points)
    guard points.count >= Ladder.fewestSizes else {
      cell.missing = [need(points.count, shallow: shallow, ladder, lens)]
      return cell
    }
    if needsDifferences, let first = points.first?.y,
      points.allSatisfy({ abs($0.y - first) <= 1e-12 * max(1, abs(first)) })
    {
      cell.missing = [Need("PER that differs between sizes, in ", place)]
      return cell
    }
    guard let fit = Self.fit(points), let interval = fit.slopeInterval() else {
      cell.missing = [Need("sizes that differ")]
      return cell
    }
    let ends = [orientation * interval.lower, orientation * interval.upper]
    let (lower, upper) = (min(ends[0], ends[1]), max(ends[0], ends[1]))
    cell.effect = orientation * fit.slope
    cell.lower = lower
    cell.upper = upper
    cell.verdict = Verdict(effect: orientation * fit.slope, interval: (lower, upper))
    cell.contradictsJointly =
      fit.slopeInterval(level: Self.jointLevel).map { wide in
        max(orientation * wide.lower, orientation * wide.upper) < 0
      } ?? false
    return cell
  }

  private var place: String { "\(Wording.component(component)) \(object)" }

  /// Equal summaries differ by rounding alone and have a slope of 0.
  private static func fit(_ points: [EvidencePoint]) -> LineFit? {
    let y = points.map(\.y)
    let spread = (y.max() ?? 0) - (y.min() ?? 0)
    let scale = y.reduce(1) { max($0, abs($1)) }
    let center = y.first ?? 0
    return LineFit(
      x: points.compactMap(\.x),
      y: spread <= 1e-12 * scale ? y.map { _ in center * 0 } : y)
  }

  private func need(_ sizes: Int, shallow: Int, _ ladder: Ladder?, _ lens: Lens) -> Need {
    let all = ladder?.sizes.count ?? 0
    if all < Ladder.fewestSizes {
      let unsized = ladder?.unsized.count ?? 0
      let more = unsized > 0 ? ", \(unsized) more without `parameters:`" : ""
      return Need("at least \(Ladder.fewestSizes) sizes (has \(all)\(more))")
    }
    if lens.nonEmbedding, ladder?.sizes.contains(where: { $0.nonEmbedding == nil }) == true {
      return Need("the parameters without embeddings of each size")
    }
    var need = missing
    if shallow > 0 { need.after += " in at least \(Self.fewestLayers) layers" }
    if sizes + shallow > 0 {
      need.after += " at \(Ladder.fewestSizes) sizes or more (has \(sizes) of \(all))"
    }
    return need
  }
}
