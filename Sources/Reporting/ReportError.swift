/// What can keep a report from being written.
package enum ReportError: Error, Equatable, CustomStringConvertible {
  case drawing(figure: String, reason: String)
  case unknownVenue(String, known: [String])
  case file(path: String, doing: String, reason: String)
  case site(String)

  package var description: String {
    switch self {
    case .drawing(let figure, let reason): "figure \(figure): \(reason)"
    case .unknownVenue(let name, let known):
      "no venue is called \"\(name)\": use one of \(known.joined(separator: ", ")) or a width such as 8cm"
    case .file(let path, let doing, let reason): "\(path): cannot \(doing): \(reason)"
    case .site(let findings): findings
    }
  }
}
