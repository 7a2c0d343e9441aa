extension LayoutPass {
  /// Places that data occupy in a panel.
  func obstacles(_ frame: PanelFrame) -> [Point] {
    var points: [Point] = []
    // A missing value has no place; the mark leaves it out, and so does this.
    func isPlaced(_ point: Point) -> Bool { point.x.isFinite && point.y.isFinite }
    func along(_ run: [Point]) {
      for (a, b) in zip(run, run.dropFirst()) where isPlaced(a) && isPlaced(b) {
        let steps = max(1, Int((max(abs(b.x - a.x), abs(b.y - a.y)) / (0.25 * em)).rounded(.up)))
        for k in 0...steps {
          let t = Double(k) / Double(steps)
          points.append(Point(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t))
        }
      }
      if run.count == 1 { points.append(run[0]) }
    }
    for mark in figure.panels[frame.index].marks {
      switch mark {
      case .line(let whole):
        let line = condensed(whole, frame)
        runs(line.x, line.y, frame).forEach(along)
      case .points(let m):
        points += zip(m.x, m.y).map { Point(frame.x($0), frame.y($1)) }
      case .boxes(let m):
        for i in m.x.indices {
          let x = frame.x(m.x[i])
          along([Point(x, frame.y(m.minimum[i])), Point(x, frame.y(m.maximum[i]))])
        }
      case .bars(let m):
        for i in m.x.indices {
          let x = frame.x(m.x[i])
          along([Point(x, frame.y(0)), Point(x, frame.y(m.y[i]))])
        }
      case .rule(let rule):
        switch rule.position {
        case .x(let v):
          along([Point(frame.x(v), frame.rect.y), Point(frame.x(v), frame.rect.bottom)])
        case .y(let v):
          along([Point(frame.rect.x, frame.y(v)), Point(frame.rect.right, frame.y(v))])
        }
      case .finalPoint(let p): points.append(Point(frame.x(p.x), frame.y(p.y)))
      case .band, .tiles, .text: continue
      }
    }
    return points.filter { $0.x.isFinite && $0.y.isFinite }
  }

  /// How many bands of the panel lie behind any part of `box`.
  func shades(_ box: Rect, _ frame: PanelFrame) -> Int {
    figure.panels[frame.index].marks.count { mark in
      guard case .band(let band) = mark else { return false }
      return zip(band.x.indices, band.x.indices.dropFirst()).contains { i, j in
        let (a, b) = (frame.x(band.x[i]), frame.x(band.x[j]))
        guard a.isFinite, b.isFinite, b >= box.x, a <= box.right else { return false }
        let tops = [frame.y(band.upper[i]), frame.y(band.upper[j])].filter(\.isFinite)
        let bottoms = [frame.y(band.lower[i]), frame.y(band.lower[j])].filter(\.isFinite)
        guard let top = tops.min(), let bottom = bottoms.max() else { return false }
        return top < box.bottom && bottom > box.y
      }
    }
  }
}
