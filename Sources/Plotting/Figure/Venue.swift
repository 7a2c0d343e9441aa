/// Where papers are published: widths from the style files, in 1/72 in, and rules from the instructions to authors.
package enum Venue: String, Sendable, CaseIterable, Hashable {
  case acl, neurips, icml, iclr, tmlr, jmlr, nature

  package enum Span: String, Sendable, CaseIterable, Hashable { case column, text }

  /// Column and text width, 1/72 in. acl.sty: 7.7 and 16.0 cm; icml2025.sty: 3.25 and 6.75 in; neurips_2025.sty and
  /// iclr2026_conference.sty: 5.5 in; tmlr.sty: 6.5 in; jmlr2e.sty: 6 in; Nature: 89 and 183 mm.
  package func width(_ span: Span) -> Double {
    switch (self, span) {
    case (.acl, .column): 7.7 * 72 / 2.54
    case (.acl, .text): 16.0 * 72 / 2.54
    case (.icml, .column): 3.25 * 72
    case (.icml, .text): 6.75 * 72
    case (.nature, .column): 8.9 * 72 / 2.54
    case (.nature, .text): 18.3 * 72 / 2.54
    case (.neurips, _), (.iclr, _): 5.5 * 72
    case (.tmlr, _): 6.5 * 72
    case (.jmlr, _): 6.0 * 72
    }
  }

  /// The height of the text on a page, 1/72 in.
  package var pageHeight: Double {
    switch self {
    case .acl, .nature: 24.7 * 72 / 2.54
    case .jmlr: 8.5 * 72
    case .neurips, .icml, .iclr, .tmlr: 9 * 72
    }
  }

  /// The most that a figure may be high, 1/72 in: what the venue says, or the height of the text less that of a short
  /// caption: a tenth, on ACL's long page a twentieth.
  package var tallest: Double {
    switch self {
    case .acl: pageHeight * 19 / 20
    case .nature: 17.0 * 72 / 2.54
    case .jmlr, .neurips, .icml, .iclr, .tmlr: pageHeight * 9 / 10
    }
  }

  /// Sizes of labels and ticks at final size, points.
  package var textSizes: (label: Double, tick: Double) {
    switch self {
    case .acl: (9, 8)
    case .icml: (8, 7)
    case .nature: (7, 6)
    case .neurips, .iclr, .tmlr, .jmlr: (9, 7.5)
    }
  }
}

extension Venue {
  /// Sizes of labels that a figure may have: Nature's own bounds; elsewhere not below the styles' \scriptsize, and
  /// no larger than what a column has room for.
  package var labelSizes: ClosedRange<Double> { self == .nature ? 5...7 : 7...14 }
}

extension Target {
  /// Sizes of labels at a width of one's own.
  package static let customLabelSizes: ClosedRange<Double> = 6...14

  /// A venue's column or text width. `text`: another size for labels, the ticks a point smaller; Nature's bounds of
  /// 5 to 7 pt hold all the same.
  package static func venue(_ venue: Venue, _ span: Venue.Span, text: Double? = nil) -> Target {
    var rules = Rules()
    var (label, tick) = venue.textSizes
    if let text {
      let size = venue == .nature ? min(7, max(5, text)) : max(7, text)
      (label, tick) = (size, max(venue == .nature ? 5 : 7, size - 1))
    }
    switch venue {
    case .icml:
      rules.thinnestStroke = 0.5
      rules.textOnGrey = false
    case .nature:
      rules.grid = false
      rules.colouredText = false
      rules.softText = false
      rules.smallestText = 5
    default: break
    }
    return Target(
      name: "\(venue.rawValue)-\(span.rawValue)", width: venue.width(span), unit: .point,
      labelSize: label, tickSize: tick, tallest: venue.tallest,
      pageHeight: venue.pageHeight, rules: rules)
  }
}
