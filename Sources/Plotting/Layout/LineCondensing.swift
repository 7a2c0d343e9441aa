extension LayoutPass {
  /// The line without the points that nobody can see: of a stretch of neighbours within half a unit of width only the
  /// first, the lowest, the highest and the last stay (Jugel et al. 2014, M4). A training log of 100,000 steps is drawn
  /// like every other curve; lines with fewer points than a few for each unit stay as they are.
  func condensed(_ line: Mark.Line, _ frame: PanelFrame) -> Mark.Line {
    guard Double(line.x.count) > 4 * frame.rect.width else { return line }
    var kept: [Int] = []
    var column: (bucket: Double, first: Int, low: Int, high: Int, last: Int)?
    func close() {
      guard let c = column else { return }
      var members = Set([c.first, c.low, c.high, c.last])
      if let last = kept.last { members.remove(last) }
      kept += members.sorted()
    }
    for i in line.x.indices {
      let x = frame.x(line.x[i])
      guard x.isFinite, line.y[i].isFinite else {
        // A gap stays one.
        close()
        column = nil
        if let last = kept.last, line.y[last].isFinite { kept.append(i) }
        continue
      }
      let bucket = (2 * x).rounded(.down)
      if var c = column, c.bucket == bucket {
        if line.y[i] < line.y[c.low] { c.low = i }
        if line.y[i] > line.y[c.high] { c.high = i }
        c.last = i
        column = c
      } else {
        close()
        column = (bucket, i, i, i, i)
      }
    }
    close()
    var result = line
    result.x = kept.map { line.x[$0] }
    result.y = kept.map { line.y[$0] }
    result.lower = line.lower.map { lower in kept.map { lower[$0] } }
    result.upper = line.upper.map { upper in kept.map { upper[$0] } }
    result.rows = line.rows.map { rows in kept.map { rows[$0] } }
    return result
  }
}
