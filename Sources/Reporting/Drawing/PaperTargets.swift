import Foundation
import Plotting

/// The widths that figures are drawn at for a paper, and the text sizes and rules of its venue.
package struct PaperTargets: Sendable, Equatable {
  /// The name of the folder that the figures go into: `acl`, `8.5cm`.
  package let folder: String
  private let column: Target
  private let text: Target

  /// Widths in centimetres that figures can be laid out at.
  package static let widths: ClosedRange<Double> = 6...60

  /// The names that `init` takes.
  package static let venues = Venue.allCases.map(\.rawValue)

  /// Conferences that use another one's style.
  private static let styles: [String: Venue] = [
    "emnlp": .acl, "naacl": .acl, "eacl": .acl, "aacl": .acl, "tacl": .acl, "arr": .acl,
    "conll": .acl, "colm": .iclr,
  ]

  /// - Parameters:
  ///   - name: a venue's name, or a width in centimetres such as `8cm`.
  ///   - size: the size of labels in points, instead of the venue's own.
  package init(_ name: String, text size: Double? = nil) throws(ReportError) {
    let word = name.lowercased().filter { !$0.isWhitespace }
    if let venue = Venue(rawValue: word) {
      if let size, !venue.labelSizes.contains(size) {
        throw .textSize(size, at: word, allowed: venue.labelSizes)
      }
      folder = word
      column = .venue(venue, .column, text: size)
      text = .venue(venue, .text, text: size)
      return
    }
    let digits = word.hasSuffix("cm") ? word.dropLast(2) : ""
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
      let width = Double(digits)
    else {
      throw .unknownVenue(name, uses: Self.styles[word]?.rawValue, known: Self.venues)
    }
    guard Self.widths.contains(width) else { throw .width(width, allowed: Self.widths) }
    if let size, !Target.customLabelSizes.contains(size) {
      throw .textSize(size, at: "a width of one's own", allowed: Target.customLabelSizes)
    }
    folder = Self.plain(width) + "cm"
    column = .custom(centimetres: width, text: size ?? 9)
    text = column
  }

  /// Whether a column is narrower than the text.
  var hasColumns: Bool { text.width > column.width + 1 }

  /// Whether the figure stands across the columns by default (`figure*`): small multiples of many
  /// panels need the width of the text, one or two panels stand in a column.
  func spansColumns(_ figure: ReportFigure) -> Bool {
    hasColumns && figure.figure.panels.count > 2
  }

  /// The figure's files: `ID.pdf` at the width that suits it, and the other width beside it where the
  /// venue has two.
  func pages(_ figure: ReportFigure) -> [(name: String, target: Target)] {
    let wide = spansColumns(figure)
    let chosen = (name: figure.id + ".pdf", target: wide ? text : column)
    guard hasColumns else { return [chosen] }
    return [
      chosen,
      (name: figure.id + (wide ? ".column.pdf" : ".text.pdf"), target: wide ? column : text),
    ]
  }

  /// The name of a further part of a figure's file: `ID.part2.pdf`; the first keeps the name. No id has a dot.
  static func part(_ place: Int, of name: String) -> String {
    place == 0 ? name : "\(name.dropLast(".pdf".count)).part\(place + 1).pdf"
  }

  /// `8.5`, `8`: as short as it reads back.
  static func plain(_ value: Double) -> String {
    value == value.rounded() ? String(Int(value)) : String(value)
  }
}
