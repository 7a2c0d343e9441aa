import Plotting
import Publishing

/// A figure with everything that goes with it: words, rows, the table behind it.
struct ReportFigure: Sendable {
  let id: String
  /// Its name in lists: `CKA by size`.
  let title: String
  /// The heading above it: what the numbers show, never more.
  let finding: String
  private let sentences: [String]
  let alt: String
  let figure: Figure
  let rows: FigureRows
  /// The numbers behind it in a form that a person reads.
  let table: TableBlock
  var layout: FigureBlock.Layout = .wide

  init(
    id: String, title: String, finding: String, caption: [String], alt: [String],
    rows: FigureRows, table: TableBlock, figure: (_ alt: String) -> Figure
  ) {
    self.id = id
    self.title = title
    self.finding = finding
    sentences = caption.filter { !$0.isEmpty }
    self.alt = alt.filter { !$0.isEmpty }.joined(separator: " ")
    self.rows = rows
    self.table = table
    self.figure = figure(self.alt)
  }

  var caption: String { sentences.joined(separator: " ") }

  /// The caption without one of its sentences: for a drawing that does not show what it names.
  func caption(without sentence: String) -> String {
    sentences.filter { $0 != sentence }.joined(separator: " ")
  }
}

/// A figure of the catalogue that this study cannot have.
package struct AbsentFigure: Sendable, Equatable {
  package let id: String
  package let title: String
  /// What it would need, as the end of "needs …".
  package let needs: String
}

/// What a figure's builder gives.
enum FigureOutcome: Sendable {
  case drawn(ReportFigure)
  case absent(AbsentFigure)

  static func absent(_ id: String, _ title: String, needs: String) -> FigureOutcome {
    .absent(AbsentFigure(id: id, title: title, needs: needs))
  }
}
