/// What can keep a report from being written.
package enum ReportError: Error, Equatable, CustomStringConvertible {
  case drawing(figure: String, reason: String)
  /// `uses`: the venue whose style the named one uses, where that is known.
  case unknownVenue(String, uses: String?, known: [String])
  /// A width in centimetres that no figure can be laid out at.
  case width(Double, allowed: ClosedRange<Double>)
  /// A text size in points that a venue does not allow.
  case textSize(Double, at: String, allowed: ClosedRange<Double>)
  case file(path: String, doing: String, reason: String)
  case site(String)

  package var description: String {
    switch self {
    case .drawing(let figure, let reason): "figure \(figure): \(reason)"
    case .unknownVenue(let name, let style?, _):
      "\"\(name)\" uses the style of \(style): use \(style)"
    case .unknownVenue(let name, nil, let known):
      "no venue is called \"\(name)\": use one of \(known.joined(separator: ", ")) or a width such as 8cm"
    case .width(let width, let allowed):
      "a width of \(PaperTargets.plain(width)) cm: use \(PaperTargets.plain(allowed.lowerBound)) to \(PaperTargets.plain(allowed.upperBound)) cm"
    case .textSize(let size, let place, let allowed):
      "text of \(PaperTargets.plain(size)) pt: \(place) takes \(PaperTargets.plain(allowed.lowerBound)) to \(PaperTargets.plain(allowed.upperBound)) pt"
    case .file(let path, let doing, let reason): "\(path): cannot \(doing): \(reason)"
    case .site(let findings): findings
    }
  }
}
