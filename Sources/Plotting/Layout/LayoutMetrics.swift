/// Every length of a layout, derived from the target's text and unit; nothing is scaled afterwards.
struct LayoutMetrics {
  /// The size of tick text, and the measure of all space.
  let em: Double
  let label: Double
  /// The least distance of anything to the page's edge.
  let inset: Double
  /// Between panels, and between a panel and the labels of the next.
  let gap: Double
  let gapWithLabels: Double
  let tick: Double
  let hairline: Double
  let line: Double
  let heavy: Double
  let thin: Double
  let marker: Double
  let halo: Double
  let whole: Bool

  init(_ target: Target) {
    let screen = target.unit == .pixel
    let least = target.rules.thinnestStroke
    em = target.tickSize
    label = target.labelSize
    inset = screen ? 2 : 1
    gap = 1.5 * target.tickSize
    gapWithLabels = 0.75 * target.tickSize
    tick = screen ? 4 : 2
    hairline = max(least, screen ? 1 : 0.5)
    line = max(least, screen ? 1.75 : 0.9)
    heavy = max(least, screen ? 2.25 : 1.2)
    thin = max(least, screen ? 1.25 : 0.65)
    marker = screen ? 2.75 : 1.55
    halo = screen ? 1 : 0.5
    whole = screen
  }

  /// To whole pixels on screen, unchanged in print.
  func snapped(_ v: Double) -> Double { whole ? v.rounded() : v }

  var panelNameHeight: Double { snapped(1.45 * label) }
  /// From one line of a panel's name to the next.
  var nameLine: Double { snapped(1.2 * label) }
  var lineHeight: Double { snapped(1.3 * em) }
  /// From a baseline to the middle of capitals and figures.
  var halfCapital: Double { 0.36 * em }
}
