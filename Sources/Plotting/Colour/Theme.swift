/// The colours of a figure on one kind of page.
package struct Theme: Sendable, Hashable {
  package enum Name: String, Sendable, CaseIterable { case light, dark, print }

  package let name: Name
  package let page: RGB
  /// Text, median, fit.
  package let ink: RGB
  /// Tick labels, counts, notes.
  package let soft: RGB
  /// Baseline, ticks, band edges.
  package let axis: RGB
  package let grid: RGB
  /// The fill of what chance gives, and of fits.
  package let null: RGB
  /// Around heatmaps and colour bars.
  package let frame: RGB
  /// The one annotation: 20 % of training, thresholds.
  package let mark: RGB
  package let sequential: Palette
  package let diverging: Palette
  package let size: Palette
  package let depth: Palette
  package let categorical: Palette

  package static let light = lightColours(.light)
  /// For paper: the light colours.
  package static let print = lightColours(.print)

  package static let dark = Theme(
    name: .dark, page: RGB(0x14161a), ink: RGB(0xe8e9ec), soft: RGB(0xa6abb5), axis: RGB(0x747b88),
    grid: RGB(0x2a2e36), null: RGB(0x2c313a), frame: RGB(0x7d8491), mark: RGB(0xf0a35c),
    sequential: .sequentialDark, diverging: .divergingDark, size: .sizeDark, depth: .depthDark,
    categorical: .categoricalDark)

  private static func lightColours(_ name: Name) -> Theme {
    Theme(
      name: name, page: RGB(0xffffff), ink: RGB(0x1a1c20), soft: RGB(0x5a606b), axis: RGB(0x8b919c),
      grid: RGB(0xe6e8ec), null: RGB(0xe9ebef), frame: RGB(0x858b96), mark: RGB(0xb4501e),
      sequential: .sequentialLight, diverging: .divergingLight, size: .sizeLight,
      depth: .depthLight, categorical: .categoricalLight)
  }

  /// `colour` at the strength `share`, mixed with the page, so that nothing needs transparency.
  package func tint(_ colour: RGB, _ share: Double) -> RGB {
    OKLab(page).mixed(OKLab(colour), share).rgb
  }
}
