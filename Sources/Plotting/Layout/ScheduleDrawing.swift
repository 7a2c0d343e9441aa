extension LayoutPass {
  /// Schedules from 0 to their common maximum, in a strip of its own under the panel: learning-rate decay alone makes a
  /// run settle, so a reader should see it. One schedule is an area; several are lines in the colours of their series.
  mutating func drawSchedule(_ schedule: Panel.Schedule, _ frame: PanelFrame) {
    guard let strip = frame.strip, let scale = scheduleScale(schedule, strip) else { return }
    var inside = frame
    inside.rect = strip
    inside.y = scale
    var items: [SceneItem] = []
    let isArea = schedule.lines.count == 1
    for line in schedule.lines {
      let pieces = runs(line.x, line.y, inside).filter { $0.count > 1 }
      guard !pieces.isEmpty else { continue }
      if isArea {
        let areas = pieces.map { run -> [Point] in
          guard let first = run.first, let last = run.last else { return run }
          return run + [Point(last.x, strip.bottom), Point(first.x, strip.bottom)]
        }
        items.append(
          .path(ScenePath(areas, closed: true), fill: Paint(theme.null), stroke: nil))
      }
      let style = styles[line.series]
      items.append(
        .path(
          ScenePath(pieces), fill: nil,
          stroke: Stroke(
            style?.colour ?? theme.soft, width: metrics.thin,
            dash: (style?.dash ?? []).map { $0 * metrics.thin })))
    }
    if !items.isEmpty { canvas.items.append(.group(clip: strip, items)) }
  }

  /// Nil where no line reaches above 0.
  private func scheduleScale(_ schedule: Panel.Schedule, _ strip: Rect) -> PositionScale? {
    let most = schedule.lines.flatMap(\.y).filter(\.isFinite).max() ?? 0
    guard most > 0 else { return nil }
    return .continuous(
      .init(transform: .linear, domain: 0...most, start: strip.bottom, end: strip.y + metrics.thin))
  }

  /// Whether the curve passes below the box, so that the box stands on the page.
  private func isAbove(_ box: Rect, _ curve: [Point]) -> Bool {
    let under = curve.filter { $0.x >= box.x && $0.x <= box.right }
    return !under.isEmpty && under.allSatisfy { $0.y > box.bottom }
  }

  /// Inside the strip of a panel, where the curves leave room.
  mutating func placeScheduleLabel(_ label: String, _ frame: PanelFrame) -> Bool {
    guard let strip = frame.strip, let schedule = figure.panels[frame.index].schedule,
      let scale = scheduleScale(schedule, strip)
    else { return false }
    let isArea = schedule.lines.count == 1
    let dense = schedule.lines.flatMap { line -> [Point] in
      let points = zip(line.x, line.y).map { Point(frame.x($0), scale($1)) }
      return zip(points, points.dropFirst()).flatMap { a, b in
        (0...8).map { (k: Int) -> Point in
          let t = Double(k) / 8
          return Point(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
        }
      }
    }
    let w = canvas.width(label, .regular, em)
    for top in [strip.bottom - 1.15 * em, strip.y + 0.1 * em] {
      for share in [0, 0.15, 0.3, 0.5, 0.7, 1.0] {
        let x = strip.x + 0.3 * em + share * (strip.width - w - 0.6 * em)
        let run = canvas.run(label, .regular, em, x: x, y: top + 0.76 * em, tone: .soft)
        guard strip.contains(run.box), canvas.isFree(run.box),
          !dense.contains(where: { run.box.insetBy(-0.1 * em).contains($0) }),
          target.rules.textOnGrey || !isArea || isAbove(run.box, dense)
        else { continue }
        canvas.add(run)
        return true
      }
    }
    return false
  }
}
