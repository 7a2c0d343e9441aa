import Foundation

extension LayoutPass {
  /// Names rules, bands and points where there is room: not over other text, over as little data as possible.
  mutating func placeLabels() {
    var told = Set<String>()
    for frame in frames {
      if let schedule = figure.panels[frame.index].schedule, !leavesOutSchedules {
        let entry = KeyEntry.schedule(schedule.label)
        if !movedToKey.contains(entry), told.insert("schedule").inserted,
          !placeScheduleLabel(printable(schedule.label), frame)
        {
          homeless.append(entry)
        }
      }
      for mark in figure.panels[frame.index].marks {
        switch mark {
        case .rule(let rule) where !rule.label.isEmpty:
          let entry = KeyEntry.rule(rule.label, across: rule.isAcross)
          guard !movedToKey.contains(entry), told.insert("rule " + rule.label).inserted else {
            continue
          }
          if !placeRuleLabel(rule) { homeless.append(entry) }
        case .band(let band) where !band.label.isEmpty:
          let entry = KeyEntry.null(band.label)
          guard !movedToKey.contains(entry), told.insert("band " + band.label).inserted else {
            continue
          }
          if !placeBandLabel(band, frame) { homeless.append(entry) }
        case .text(let note): placeNote(note, frame)
        case .points(let points): placePointLabels(points, frame)
        default: continue
        }
      }
    }
  }

  /// A block of lines at a place, and how many obstacles it covers; nil where it does not fit.
  private func cost(_ lines: [TextRun], _ frame: PanelFrame, _ obstacles: [Point]) -> Int? {
    let boxes = lines.map(\.box)
    let bounds = frame.rect.insetBy(-0.01)
    guard boxes.allSatisfy({ bounds.contains($0) && canvas.isFree($0.insetBy(-0.15 * em)) }) else {
      return nil
    }
    let shades = boxes.map { self.shades($0.insetBy(-0.05 * em), frame) }.max() ?? 0
    if shades > 0, !target.rules.textOnGrey { return nil }
    // White ground is better than a tint, and one tint better than several on each other.
    return obstacles.count { p in boxes.contains { $0.insetBy(-0.1 * em).contains(p) } }
      + shades
  }

  private func block(
    _ lines: [String], x: Double, top: Double, anchor: Canvas.Anchor, tone: Canvas.Tone
  ) -> [TextRun] {
    lines.enumerated().map { i, text in
      canvas.run(
        text, .regular, em, x: x, y: top + 0.76 * em + 1.15 * em * Double(i), anchor: anchor,
        tone: tone)
    }
  }

  /// The best of the candidates; those before others win ties.
  private mutating func placeBest(_ candidates: [[TextRun]], _ frame: PanelFrame, most: Int) -> Bool
  {
    let points = obstacles(frame)
    var best: (cost: Int, lines: [TextRun])?
    for lines in candidates {
      guard let cost = cost(lines, frame, points), cost < best?.cost ?? .max else { continue }
      best = (cost, lines)
      if cost == 0 { break }
    }
    guard let best, best.cost <= most else { return false }
    for line in best.lines { canvas.add(line) }
    return true
  }

  /// In two lines of about equal length.
  private func halved(_ text: String) -> [String] {
    let words = text.split(separator: " ").map(String.init)
    guard words.count > 1 else { return [text] }
    let cuts = (1..<words.count).map {
      [words[..<$0].joined(separator: " "), words[$0...].joined(separator: " ")]
    }
    return cuts.min { a, b in
      (a.map(\.count).max() ?? 0) < (b.map(\.count).max() ?? 0)
    } ?? [text]
  }

  private mutating func placeRuleLabel(_ rule: Mark.Rule) -> Bool {
    let label = printable(rule.label)
    let tone: Canvas.Tone = rule.tone == .mark ? .mark : .soft
    let peers = frames.filter { frame in
      figure.panels[frame.index].marks.contains {
        if case .rule(let other) = $0 { other.position == rule.position } else { false }
      }
    }
    // First a place that covers nothing, in any panel with this rule, then the one that covers least.
    for most in [0, 2, 5] {
      for frame in peers {
        let tiles = figure.panels[frame.index].marks.contains {
          if case .tiles = $0 { true } else { false }
        }
        if tiles {
          if placeAboveTiles(label, rule, frame, tone, most: most) { return true }
        } else if placeBest(ruleCandidates(label, rule, frame, tone), frame, most: most) {
          return true
        }
      }
    }
    return false
  }

  private func ruleCandidates(
    _ label: String, _ rule: Mark.Rule, _ frame: PanelFrame, _ tone: Canvas.Tone
  ) -> [[TextRun]] {
    var result: [[TextRun]] = []
    switch rule.position {
    case .x(let value):
      let x = frame.x(value)
      for lines in [[label], halved(label)] {
        let height = (0.97 + 1.15 * Double(lines.count - 1)) * em
        for (anchor, at) in [(Canvas.Anchor.start, x + 0.4 * em), (.end, x - 0.4 * em)] {
          for share in [1, 0, 0.75, 0.5, 0.25] {
            let top =
              frame.rect.y + 0.1 * em + share * (frame.rect.height - height - 0.35 * em)
            result.append(block(lines, x: at, top: top, anchor: anchor, tone: tone))
          }
        }
      }
    case .y(let value):
      let y = frame.y(value)
      for (anchor, at) in [
        (Canvas.Anchor.start, frame.rect.x + 0.15 * em), (.end, frame.rect.right - 0.15 * em),
        (.middle, frame.rect.middle.x),
      ] {
        for top in [y - 1.12 * em, y + 0.22 * em] {
          result.append(block([label], x: at, top: top, anchor: anchor, tone: tone))
        }
      }
    }
    return result
  }

  /// On the line of the panel's name, over the tick.
  private mutating func placeAboveTiles(
    _ label: String, _ rule: Mark.Rule, _ frame: PanelFrame, _ tone: Canvas.Tone, most: Int
  ) -> Bool {
    guard case .x(let value) = rule.position, frame.x(value).isFinite else { return false }
    let above = figure.panels[frame.index].subtitle.isEmpty
    guard above else { return false }
    let w = canvas.width(label, .regular, em)
    // Over the tick, or moved to the right of a long name as long as the tick is still next to it.
    let tick = frame.x(value)
    let name = canvas.texts.filter {
      $0.right > frame.rect.x && $0.x < frame.rect.right && $0.bottom > frame.nameBaseline
        && $0.y < frame.nameBaseline
    }.map(\.right).max()
    let centred = min(tick - w / 2, frame.rect.right - w)
    let x = max(centred, (name ?? 0) + 0.9 * em)
    guard x <= (most == 0 ? centred : tick), x + w <= frame.rect.right + 0.5 * em else {
      return false
    }
    let run = canvas.run(label, .regular, em, x: x, y: frame.nameBaseline, tone: tone)
    guard run.x >= frame.rect.x, canvas.isFree(run.box.insetBy(-0.2 * em)),
      run.box.bottom < frame.rect.y
    else { return false }
    canvas.add(run)
    return true
  }

  private mutating func placeBandLabel(_ band: Mark.Band, _ frame: PanelFrame) -> Bool {
    // The same band may have more room in another panel, as long as all bands of its kind mean the same.
    let bands = frames.map { frame -> Mark.Band? in
      for mark in figure.panels[frame.index].marks {
        if case .band(let other) = mark, other.style == band.style { return other }
      }
      return nil
    }
    let meanings = Set(bands.compactMap { $0?.label }).subtracting([""])
    for most in [0, 1, 2] {
      if placeBest(bandCandidates(band, frame), frame, most: most) { return true }
      guard band.style == .null, meanings.count == 1 else { continue }
      for (peer, other) in zip(frames, bands) where peer.index != frame.index {
        guard let other else { continue }
        var named = other
        named.label = band.label
        if placeBest(bandCandidates(named, peer), peer, most: most) { return true }
      }
    }
    return false
  }

  private func bandCandidates(_ band: Mark.Band, _ frame: PanelFrame) -> [[TextRun]] {
    let label = printable(band.label)
    let edge = runs(band.x, band.upper, frame).flatMap { $0 }
    let w = canvas.width(label, .regular, em)
    var candidates: [[TextRun]] = []
    for share in [1, 0, 0.5, 0.75, 0.25] {
      let left = frame.rect.x + 0.2 * em + share * (frame.rect.width - w - 0.4 * em)
      let over = edge.filter { $0.x >= left - em && $0.x <= left + w + em }
      guard let top = (over.isEmpty ? edge : over).map(\.y).min() else { continue }
      candidates.append(block([label], x: left, top: top - 1.2 * em, anchor: .start, tone: .soft))
      // Within the band, where it is thick enough.
      if frame.rect.bottom - top > 1.4 * em {
        candidates.append(
          block([label], x: left, top: frame.rect.bottom - 1.2 * em, anchor: .start, tone: .soft))
      }
    }
    return candidates
  }

  private mutating func placeNote(_ note: Mark.Note, _ frame: PanelFrame) {
    let p = Point(frame.x(note.x), frame.y(note.y))
    guard p.x.isFinite, p.y.isFinite else { return }
    let anchor: Canvas.Anchor =
      switch note.anchor {
      case .start: .start
      case .middle: .middle
      case .end: .end
      }
    let run = canvas.run(
      printable(note.text), .regular, em, x: p.x, y: p.y + metrics.halfCapital, anchor: anchor,
      tone: .soft)
    if canvas.isFree(run.box), frame.rect.insetBy(-em).contains(run.box) { canvas.add(run) }
  }

  private mutating func placePointLabels(_ points: Mark.Points, _ frame: PanelFrame) {
    guard let labels = points.labels else { return }
    let others = obstacles(frame)
    let reach = 1.25 * metrics.marker + 0.3 * em
    for i in points.x.indices where !labels[i].isEmpty {
      let p = Point(frame.x(points.x[i]), frame.y(points.y[i]))
      guard p.x.isFinite, p.y.isFinite else { continue }
      let text = printable(labels[i])
      let candidates = [
        canvas.run(text, .regular, em, x: p.x + reach, y: p.y + metrics.halfCapital),
        canvas.run(text, .regular, em, x: p.x - reach, y: p.y + metrics.halfCapital, anchor: .end),
        canvas.run(text, .regular, em, x: p.x, y: p.y - reach, anchor: .middle),
        canvas.run(text, .regular, em, x: p.x, y: p.y + reach + 0.72 * em, anchor: .middle),
      ]
      // A label that would cover data is left out: the rows beside the figure have the name.
      if let run = candidates.first(where: { cost([$0], frame, others) == 0 }) { canvas.add(run) }
    }
  }
}
