extension Figure {
  /// The figure laid out for `target` in the colours of `theme`. Print targets take `.print` or `.light`.
  /// - Throws: `PlottingError` where arrays do not match or no panel fits.
  package func scene(for target: Target, theme: Theme, fonts: FontSet) throws -> Scene {
    try validate()
    let figure = cleaned()
    let groups = AxisGroups(figure)
    var moved: [KeyEntry] = []
    var pass = LayoutPass(
      figure, target: target, theme: theme, fonts: fonts, groups: groups, movedToKey: moved)
    var scene = try pass.run()
    // A label without a place inside its panel joins the key, which needs a layout anew.
    var attempts = 0
    while !pass.homeless.isEmpty, attempts < 3 {
      moved += pass.homeless
      attempts += 1
      pass = LayoutPass(
        figure, target: target, theme: theme, fonts: fonts, groups: groups, movedToKey: moved)
      scene = try pass.run()
    }
    return scene
  }

  private func validate() throws {
    guard !panels.isEmpty else {
      throw PlottingError.layout(
        figure: id, problem: "has no panels; leave it out where its quantity is missing")
    }
    let known = Set(series.names)
    for panel in panels {
      for line in panel.schedule?.lines ?? [] {
        guard line.x.count == line.y.count else {
          throw PlottingError.lengths(
            figure: id, panel: panel.name, mark: "schedule", expected: line.x.count,
            found: line.y.count)
        }
        guard line.series.isEmpty || known.contains(line.series) else {
          throw PlottingError.unknownSeries(
            figure: id, panel: panel.name, series: line.series, known: series.names)
        }
      }
      for mark in panel.marks {
        for length in mark.lengths where length.expected != length.found {
          throw PlottingError.lengths(
            figure: id, panel: panel.name, mark: mark.name, expected: length.expected,
            found: length.found)
        }
        let name = mark.seriesName
        guard name.isEmpty || known.contains(name) else {
          throw PlottingError.unknownSeries(
            figure: id, panel: panel.name, series: name, known: series.names)
        }
      }
    }
  }

  /// Labels as they can be drawn.
  private func cleaned() -> Figure {
    var copy = self
    copy.note = printable(note)
    copy.x = x.printed
    copy.y = y.printed
    copy.settledLabel = printable(settledLabel)
    var nextRow = 0
    for i in copy.panels.indices {
      copy.panels[i].marks = panels[i].marks.map { $0.ordered(next: &nextRow) }
      copy.panels[i].x = panels[i].x?.printed
      copy.panels[i].y = panels[i].y?.printed
      copy.panels[i].name = printable(panels[i].name)
      copy.panels[i].detail = printable(panels[i].detail)
      copy.panels[i].row = printable(panels[i].row)
      copy.panels[i].subtitle = printable(panels[i].subtitle)
    }
    return copy
  }
}
