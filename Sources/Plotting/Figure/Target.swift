/// Where a figure will stand: its width, its text sizes, the rules of the place.
package struct Target: Sendable, Hashable {
  package var name: String
  /// In `unit`; the page is exactly this wide.
  package var width: Double
  package var unit: Scene.Unit
  /// Panel names and key, in `unit`.
  package var labelSize: Double
  /// Tick labels and notes.
  package var tickSize: Double
  package var tallest: Double?
  /// The height of the text on the page that the figure and its caption will stand on; nil on screens.
  package var pageHeight: Double?
  package var rules: Rules

  package struct Rules: Sendable, Hashable {
    /// Whether hairlines at the ticks are welcome.
    package var grid = true
    /// Whether text may have another colour than ink and grey.
    package var colouredText = true
    /// Whether text may be grey rather than ink.
    package var softText = true
    /// Whether text may stand on a grey or tinted area.
    package var textOnGrey = true
    /// The thinnest line, in the target's unit.
    package var thinnestStroke = 0.25
    package var smallestText = 6.0

    package init() {}
  }

  /// 960 px: a page's full width.
  package static let wide = site("wide", 960)
  /// 680 px.
  package static let medium = site("medium", 680)
  /// 320 px: telephones.
  package static let narrow = site("narrow", 320)

  private static func site(_ name: String, _ width: Double) -> Target {
    var rules = Rules()
    rules.smallestText = 12
    rules.thinnestStroke = 1
    return Target(
      name: name, width: width, unit: .pixel, labelSize: 13, tickSize: 12, tallest: nil,
      pageHeight: nil,
      rules: rules)
  }

  /// A width of one's own, in print; as high at most as on an A4 page with margins of 2.5 cm, with room for a caption.
  package static func custom(centimetres: Double, text: Double = 9) -> Target {
    Target(
      name: "custom", width: centimetres * 72 / 2.54, unit: .point, labelSize: text,
      tickSize: max(6, text - 1), tallest: 24.7 * 72 / 2.54 * 19 / 20,
      pageHeight: 24.7 * 72 / 2.54, rules: Rules())
  }
}
