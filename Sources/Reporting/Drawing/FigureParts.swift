import Plotting

/// Scenes of a figure for a page of paper: one, or several where it would not fit there with its caption.
struct FigureParts {
  let fonts: FontSet

  /// More parts than these would no longer be one figure.
  private static let most = 6
  /// How far panels may be lower than they would be with room enough.
  private static let squeeze = 1.5
  /// Size and distance of the lines of a caption, points: the largest of the venues.
  private static let caption = (size: 10.95, line: 13.6)

  /// The figure for `target`, in as few parts as leave room for `caption` on the page and keep the panels legible.
  /// - Throws: `PlottingError` where a panel does not fit.
  func scenes(of figure: Figure, caption: String, target: Target) throws -> [Scene] {
    guard let page = target.pageHeight, let tallest = target.tallest else {
      return [try scene(figure, target)]
    }
    // A caption longer than half a page is the author's to shorten.
    let room = min(tallest, max(page / 2, page - height(of: caption, width: target.width)))
    var (free, bounded) = (target, target)
    free.tallest = nil
    bounded.tallest = room
    let count = min(Self.most, figure.panels.count)
    for number in 1...max(1, count) {
      let parts = Self.parts(figure.panels, number).enumerated().map { place, panels in
        part(place, of: number, figure, panels)
      }
      let natural = try parts.map { try scene($0, free) }
      guard number == count || natural.allSatisfy({ $0.height <= Self.squeeze * room }) else {
        continue
      }
      let scenes =
        natural.allSatisfy { $0.height <= room }
        ? natural : try parts.map { try scene($0, bounded) }
      if number == count || scenes.allSatisfy({ $0.height <= room + 0.01 }) { return scenes }
    }
    return [try scene(figure, target)]
  }

  private func scene(_ figure: Figure, _ target: Target) throws -> Scene {
    try figure.scene(for: target, theme: .print, fonts: fonts)
  }

  private func part(_ place: Int, of count: Int, _ figure: Figure, _ panels: [Panel]) -> Figure {
    guard count > 1 else { return figure }
    var part = figure
    part.panels = panels
    part.title += ", part \(place + 1) of \(count)"
    return part
  }

  /// The panels in `count` parts of about equal size: whole rows of a grid where there are as many.
  static func parts(_ panels: [Panel], _ count: Int) -> [[Panel]] {
    var rows: [String] = []
    for panel in panels where !rows.contains(panel.row) { rows.append(panel.row) }
    if count <= rows.count {
      return spread(rows, over: count).map { rows in panels.filter { rows.contains($0.row) } }
    }
    return spread(panels, over: count)
  }

  private static func spread<Element>(_ elements: [Element], over count: Int) -> [[Element]] {
    (0..<count).map { place in
      Array(
        elements[(place * elements.count / count)..<((place + 1) * elements.count / count)])
    }
  }

  /// What a caption takes of the page's height at most, points: in the figures' own face, which runs wider than Times.
  func height(of caption: String, width: Double) -> Double {
    let text = "Figure 10: " + caption
    let lines = (fonts.width(text, .regular, size: Self.caption.size) / width).rounded(.up)
    // A line that TeX breaks early, and the space above the caption.
    return (lines + 1) * Self.caption.line + 10
  }
}
