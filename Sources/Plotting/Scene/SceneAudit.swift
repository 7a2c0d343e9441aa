/// Something that a reader would stumble over.
package enum SceneFinding: Sendable, Equatable, CustomStringConvertible {
  case textOverText(String, String)
  case textOffPage(String)
  case itemOffPage(Rect)
  case textTooSmall(String, Double)
  case lowContrast(String, Double)
  case tooTall(Double, Double)
  case notFinite

  package var description: String {
    switch self {
    case .textOverText(let a, let b): "\"\(a)\" overlaps \"\(b)\""
    case .textOffPage(let text): "\"\(text)\" leaves the page"
    case .itemOffPage(let rect): "a mark leaves the page at \(rect)"
    case .textTooSmall(let text, let size): "\"\(text)\" is set at \(size)"
    case .lowContrast(let text, let ratio): "\"\(text)\" has a contrast of \(ratio)"
    case .tooTall(let height, let most): "\(height) high, at most \(most)"
    case .notFinite: "a coordinate is not finite"
    }
  }
}

extension Scene {
  /// All lines of text, in the order drawn.
  package var textRuns: [TextRun] { items.flatMap(\.textRuns) }

  /// What is wrong with the picture, as far as a machine can tell; empty for every figure that may leave the house.
  package func audit() -> [SceneFinding] {
    var findings: [SceneFinding] = []
    let page = Rect(x: 0, y: 0, width: width, height: height)
    // The outermost unit stays background.
    let free = page.insetBy(unit == .pixel ? 1 : 0.5)
    let runs = textRuns
    for (i, run) in runs.enumerated() {
      if !free.contains(run.box) { findings.append(.textOffPage(run.text)) }
      if run.size < limits.smallestText { findings.append(.textTooSmall(run.text, run.size)) }
      for other in runs[(i + 1)...] where run.box.overlaps(other.box) {
        findings.append(.textOverText(run.text, other.text))
      }
    }
    let cells = items.flatMap(\.fills)
    for run in runs {
      // Against what lies below the text, which is the page except for numbers in cells.
      let below =
        cells.last {
          $0.rect.contains(run.box.middle) && $0.rect.height >= run.size / 2
        }?.colour ?? background
      let ratio = run.colour.contrast(to: below)
      if ratio < 4.5 { findings.append(.lowContrast(run.text, ratio)) }
    }
    for bounds in items.compactMap(\.bounds) {
      if !bounds.x.isFinite || !bounds.y.isFinite || !bounds.width.isFinite
        || !bounds.height.isFinite
      {
        findings.append(.notFinite)
      } else if !free.insetBy(-0.01).contains(bounds) {
        findings.append(.itemOffPage(bounds))
      }
    }
    if let tallest = limits.tallest, height > tallest + 0.01 {
      findings.append(.tooTall(height, tallest))
    }
    return findings
  }
}

extension SceneItem {
  var textRuns: [TextRun] {
    switch self {
    case .text(let run): [run]
    case .group(_, let items): items.flatMap(\.textRuns)
    default: []
    }
  }

  fileprivate var fills: [(rect: Rect, colour: RGB)] {
    switch self {
    case .rectangles(let rects, let fill, _): rects.map { ($0, fill.colour) }
    case .cells(let cells, _): cells.map { ($0.rect, $0.colour) }
    case .group(_, let items): items.flatMap(\.fills)
    default: []
    }
  }

  /// What the item covers, its stroke included; nil for nothing.
  package var bounds: Rect? {
    switch self {
    case .rectangles(let rects, _, _): return union(rects)
    case .cells(let cells, _): return union(cells.map(\.rect))
    case .path(let path, _, let stroke):
      let points = path.lines.joined()
      guard let first = points.first else { return nil }
      var box = Rect(x: first.x, y: first.y, width: 0, height: 0)
      for p in points {
        box = Rect(
          left: min(box.x, p.x), top: min(box.y, p.y), right: max(box.right, p.x),
          bottom: max(box.bottom, p.y))
      }
      return box.insetBy(-(stroke?.width ?? 0) / 2)
    case .circle(let c, let r, _, let stroke):
      return Rect(x: c.x - r, y: c.y - r, width: 2 * r, height: 2 * r)
        .insetBy(-(stroke?.width ?? 0) / 2)
    case .text(let run): return run.box
    case .group(let clip, let items):
      guard let inner = union(items.compactMap(\.bounds)) else { return nil }
      return Rect(
        left: max(clip.x, inner.x), top: max(clip.y, inner.y), right: min(clip.right, inner.right),
        bottom: min(clip.bottom, inner.bottom))
    }
  }
}

private func union(_ rects: [Rect]) -> Rect? {
  guard var box = rects.first else { return nil }
  for r in rects.dropFirst() {
    box = Rect(
      left: min(box.x, r.x), top: min(box.y, r.y), right: max(box.right, r.right),
      bottom: max(box.bottom, r.bottom))
  }
  return box
}
