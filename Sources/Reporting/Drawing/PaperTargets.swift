import Plotting

/// At which width a figure stands in a paper.
struct PaperTargets: Sendable {
  private let column: Target
  private let text: Target

  /// - Parameter venue: a venue's name, or a width in centimetres such as `8cm`.
  init(_ venue: String, text size: Double?) throws(ReportError) {
    if let known = Venue(rawValue: venue.lowercased()) {
      column = .venue(known, .column, text: size)
      text = .venue(known, .text, text: size)
      return
    }
    guard venue.lowercased().hasSuffix("cm"), let width = Double(venue.dropLast(2)),
      (3...60).contains(width)
    else {
      throw .unknownVenue(venue, known: Venue.allCases.map(\.rawValue))
    }
    column = .custom(centimetres: width, text: size ?? 9)
    text = column
  }

  /// Small multiples of many panels need the text's width; one or two stand in a column.
  func target(for figure: ReportFigure) -> Target {
    figure.figure.panels.count > 2 ? text : column
  }

  /// Whether the figure is wider than a column: `figure*` in two-column styles.
  func spansColumns(_ figure: ReportFigure) -> Bool {
    target(for: figure).width > column.width + 1
  }
}
