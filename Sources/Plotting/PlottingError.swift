/// What can be wrong with the input of a figure.
package enum PlottingError: Error, Equatable, CustomStringConvertible {
  /// A font file that is not a readable TrueType face.
  case font(face: String, table: String, problem: String)
  /// Arrays of a mark that do not have the lengths they must have.
  case lengths(figure: String, panel: String, mark: String, expected: Int, found: Int)
  /// A mark that names a series which the figure's series scale does not hold.
  case unknownSeries(figure: String, panel: String, series: String, known: [String])
  /// A figure without panels, or a width that no panel fits into.
  case layout(figure: String, problem: String)

  package var description: String {
    switch self {
    case .font(let face, let table, let problem):
      return "font \(face), table \(table): \(problem); use the faces of assets/fonts"
    case .lengths(let figure, let panel, let mark, let expected, let found):
      return
        "figure \(figure), panel \"\(panel)\", \(mark): expected \(expected) values, found \(found); give every array of a mark one value a position"
    case .unknownSeries(let figure, let panel, let series, let known):
      return
        "figure \(figure), panel \"\(panel)\": series \"\(series)\" is not in the series scale (\(known.joined(separator: ", "))); add it there"
    case .layout(let figure, let problem):
      return "figure \(figure): \(problem)"
    }
  }
}
