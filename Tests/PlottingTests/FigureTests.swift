import Foundation
import Plotting
import Testing

@Suite struct FigureTests {
  private let fonts: FontSet

  init() throws { fonts = try FigureFonts.load() }

  @Test func theSameFigureGivesTheSameScene() throws {
    for figure in SampleFigures().all {
      for target in [Target.wide, .narrow, .venue(.acl, .column)] {
        #expect(
          try figure.scene(for: target, theme: .light, fonts: fonts)
            == figure.scene(for: target, theme: .light, fonts: fonts))
      }
    }
  }

  /// The data of every mark in another order, with the row numbers that belong to them.
  private func shuffled(_ figure: Figure) -> Figure {
    var copy = figure
    var next = 0
    func order(_ n: Int) -> [Int] {
      (0..<n).sorted { ($0 * 7919 + 13) % 101 < ($1 * 7919 + 13) % 101 }
    }
    func pick(_ v: [Double], _ o: [Int]) -> [Double] { o.map { v[$0] } }
    for p in copy.panels.indices {
      copy.panels[p].marks = figure.panels[p].marks.map { mark in
        switch mark {
        case .line(let m):
          let o = order(m.x.count)
          let first = next
          if m.style != .fit { next += m.x.count }
          return .line(
            x: pick(m.x, o), y: pick(m.y, o), series: m.series, style: m.style,
            rows: m.style == .fit ? nil : o.map { first + $0 })
        case .band(let m):
          let o = order(m.x.count)
          return .band(
            x: pick(m.x, o), lower: pick(m.lower, o), upper: pick(m.upper, o), style: m.style,
            label: m.label)
        case .points(let m):
          let o = order(m.x.count)
          let first = next
          next += m.x.count
          return .points(
            x: pick(m.x, o), y: pick(m.y, o), series: m.series, rows: o.map { first + $0 })
        case .boxes(let m):
          let o = order(m.x.count)
          let first = next
          next += m.x.count
          return .boxes(
            x: pick(m.x, o), median: pick(m.median, o), lowerQuartile: pick(m.lowerQuartile, o),
            upperQuartile: pick(m.upperQuartile, o), minimum: pick(m.minimum, o),
            maximum: pick(m.maximum, o), series: m.series, rows: o.map { first + $0 })
        case .tiles(let m):
          let (across, up) = (order(m.x.count), order(m.y.count))
          let first = next
          next += m.values.count
          let cells = up.flatMap { r in across.map { r * m.x.count + $0 } }
          return .tiles(
            x: pick(m.x, across), y: pick(m.y, up), values: pick(m.values, cells),
            emptyLast: m.emptyLast, settledFrom: m.settledFrom.map { s in up.map { s[$0] } },
            rows: cells.map { first + $0 })
        default: return mark
        }
      }
    }
    return copy
  }

  @Test func theOrderOfTheRowsDoesNotMatter() throws {
    let sample = SampleFigures()
    for figure in [sample.lines(), sample.boxes(), sample.heatmap(), sample.scatter()] {
      let other = shuffled(figure)
      #expect(other != figure)
      let a = try figure.scene(for: .wide, theme: .light, fonts: fonts)
      let b = try other.scene(for: .wide, theme: .light, fonts: fonts)
      #expect(a == b, "\(figure.id)")
    }
  }

  @Test func rowsOfTheDataAreFoundWhereTheyWereDrawn() throws {
    let steps = [0.0, 1, 2, 3]
    let figure = Figure(
      id: "f", title: "", description: "", x: .linear(0...3), y: .linear(0...1),
      series: .categorical(["a", "b"]),
      panels: [
        Panel(
          "p",
          marks: [
            .line(x: steps, y: [0, 0.25, .nan, 1], series: "a"),
            .line(x: steps, y: [1, 1, 1, 1], series: "b", rows: [40, 41, 42, 43]),
          ])
      ])
    let scene = try figure.scene(for: .wide, theme: .light, fonts: fonts)
    #expect(Set(scene.positions.map(\.row)) == [0, 1, 3, 40, 41, 42, 43])
    let place = Dictionary(uniqueKeysWithValues: scene.positions.map { ($0.row, $0) })
    let (a, b, c) = (try #require(place[0]), try #require(place[1]), try #require(place[3]))
    // On a linear axis positions keep the proportions of the data.
    #expect(abs((b.x - a.x) * 3 - (c.x - a.x)) < 1e-9)
    #expect(abs((a.y - b.y) * 4 - (a.y - c.y)) < 1e-9)
    #expect(try #require(place[43]).y == c.y)
    for p in scene.positions {
      #expect(p.x >= 0 && p.x <= scene.width && p.y >= 0 && p.y <= scene.height)
    }
  }

  @Test func cellsOfAHeatmapCoverItWithoutGapOrOverlap() throws {
    let steps = [0.0, 1, 2, 4, 512, 143_000]
    let figure = Figure(
      id: "f", title: "", description: "", x: .steps(.even), y: .layers(),
      color: .sequential(0...1, title: "CKA"),
      panels: [
        Panel(
          "p",
          marks: [
            .tiles(
              x: steps, y: [0, 1, 2], values: (0..<18).map { Double($0) / 18 }, emptyLast: true)
          ])
      ])
    let scene = try figure.scene(for: .medium, theme: .light, fonts: fonts)
    let cells = scene.positions.map { Rect(x: $0.x, y: $0.y, width: $0.width, height: $0.height) }
    #expect(cells.count == 15)
    for (i, cell) in cells.enumerated() {
      #expect(cell.x == cell.x.rounded() && cell.width == cell.width.rounded())
      for other in cells[(i + 1)...] { #expect(!cell.overlaps(other)) }
    }
    let area = cells.reduce(0) { $0 + $1.width * $1.height }
    let (left, right) = (cells.map(\.x).min() ?? 0, cells.map(\.right).max() ?? 0)
    let (top, bottom) = (cells.map(\.y).min() ?? 0, cells.map(\.bottom).max() ?? 0)
    #expect(area == (right - left) * (bottom - top))
    // Layer 0 lies at the bottom.
    let first = try #require(scene.positions.first { $0.row == 0 })
    #expect(first.y + first.height == bottom)
  }

  /// 200,000 rows of a training log: drawn with every peak, at the size of any other line.
  @Test func aLongLogIsDrawnWithItsPeaksAndFewPoints() throws {
    let n = 200_000
    let x = (0..<n).map(Double.init)
    var y = x.map { 3 + 0.5 * sin($0 / 700) }
    y[77_777] = 9
    y[123_456] = -5
    y[150_000] = .nan
    let figure = Figure(
      id: "log", title: "", description: "", x: .steps(.log2), y: .linear(),
      panels: [Panel("Training loss", marks: [.line(x: x, y: y)])])
    let scene = try figure.scene(for: .wide, theme: .light, fonts: fonts)
    #expect(scene.positions.count < 8000)
    let rows = Set(scene.positions.map(\.row))
    #expect(rows.isSuperset(of: [0, 77_777, 123_456, n - 1]))
    #expect(!rows.contains(150_000))
    #expect(scene.audit().isEmpty)
  }

  @Test func wrongInputIsNamed() {
    let panel = Panel("p", marks: [.line(x: [1, 2], y: [1], series: "")])
    var figure = Figure(
      id: "f", title: "", description: "", x: .linear(), y: .linear(), panels: [panel])
    #expect(
      throws: PlottingError.lengths(figure: "f", panel: "p", mark: "line", expected: 2, found: 1)
    ) { try figure.scene(for: .wide, theme: .light, fonts: fonts) }
    figure.panels[0].marks = [.line(x: [1], y: [1], series: "ghost")]
    #expect(
      throws: PlottingError.unknownSeries(figure: "f", panel: "p", series: "ghost", known: [])
    ) { try figure.scene(for: .wide, theme: .light, fonts: fonts) }
    figure.panels = []
    #expect(throws: PlottingError.self) {
      try figure.scene(for: .wide, theme: .light, fonts: fonts)
    }
  }

  @Test func aVenueHasItsRules() throws {
    let lines = SampleFigures().lines()
    let nature = try lines.scene(for: .venue(.nature, .column), theme: .print, fonts: fonts)
    // Nature: black text of 5 to 7 pt, no hairlines at the ticks.
    #expect(Set(nature.textRuns.map(\.colour)) == [Theme.print.ink])
    #expect(nature.textRuns.allSatisfy { (5...7).contains($0.size) })
    #expect(!nature.fillColours.contains(Theme.print.grid))
    let acl = try lines.scene(for: .venue(.acl, .column), theme: .print, fonts: fonts)
    #expect(acl.fillColours.contains(Theme.print.grid))
    #expect(acl.textRuns.allSatisfy { (7...9).contains($0.size) })
    let large = try lines.scene(for: .venue(.acl, .column, text: 11), theme: .print, fonts: fonts)
    #expect(large.textRuns.map(\.size).max() == 11)
    let icml = try lines.scene(for: .venue(.icml, .column), theme: .print, fonts: fonts)
    #expect(icml.strokeWidths.allSatisfy { $0 >= 0.5 })
    for scene in [nature, acl, icml, large] {
      // No title inside the figure.
      #expect(!scene.textRuns.contains { $0.text == lines.title })
    }
  }

  /// ICML asks for no text on grey.
  @Test func noTextStandsOnGreyAtICML() throws {
    for sample in [SampleFigures(), SampleFigures { _, l, u in 0.02 * u * Double(l) }] {
      for span in Venue.Span.allCases {
        let scene = try sample.lines().scene(for: .venue(.icml, span), theme: .print, fonts: fonts)
        let areas = scene.items.flatMap { item -> [[Point]] in
          guard case .group(_, let inner) = item else { return [] }
          return inner.flatMap { part -> [[Point]] in
            guard case .path(let path, let fill, _) = part, fill != nil, path.closed else {
              return []
            }
            return path.lines
          }
        }
        #expect(!areas.isEmpty)
        for run in scene.textRuns {
          let b = run.box
          for p in [Point(b.x, b.y), Point(b.right, b.bottom), b.middle, Point(b.x, b.bottom)] {
            #expect(!areas.contains { isInside(p, $0) }, "\(run.text)")
          }
        }
      }
    }
  }

  /// The even-odd rule.
  private func isInside(_ p: Point, _ polygon: [Point]) -> Bool {
    var inside = false
    for (a, b) in zip(polygon, polygon.dropFirst() + polygon.prefix(1))
    where (a.y > p.y) != (b.y > p.y) {
      if p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x) { inside.toggle() }
    }
    return inside
  }

  @Test func namesThatAreCutStayDifferent() throws {
    let names = (0..<6).map {
      "the-same-beginning-of-a-long-name-\($0)-and-the-same-long-ending-of-it"
    }
    let figure = SampleFigures(runs: names).boxes()
    let scene = try figure.scene(for: .wide, theme: .light, fonts: fonts)
    let shown = Set(scene.textRuns.filter { $0.face == .semibold }.map(\.text))
    #expect(shown.count == 6)
  }

  @Test func aKeyIsDrawnOnlyWhereNamesDoNotSayIt() throws {
    let boxes = try SampleFigures().boxes().scene(for: .wide, theme: .light, fonts: fonts)
    #expect(boxes.textRuns.filter { $0.text == "70M" }.count == 1)
    let lines = try SampleFigures().lines().scene(for: .wide, theme: .light, fonts: fonts)
    #expect(lines.textRuns.filter { $0.text == "layer 3" }.count == 1)
  }

  /// A key shows the markers that the lines have, and no others; of many ordered lines the two ends have them.
  @Test(arguments: [3, 9], [true, false])
  func theKeyShowsTheMarkersOfTheLines(count: Int, markers: Bool) throws {
    let names = (0..<count).map { "layer \($0)" }
    var figure = Figure(
      id: "f", title: "", description: "", x: .linear(0...1), y: .linear(0...1),
      series: .depth(names))
    figure.panels = [
      Panel(
        "a",
        marks: names.enumerated().map { i, name in
          .line(
            x: [0, 1], y: [0.1 * Double(i), 0.1 * Double(i)], series: name, markers: markers)
        })
    ]
    let scene = try figure.scene(for: .wide, theme: .light, fonts: fonts)
    func filled(_ items: [SceneItem]) -> Int {
      items.reduce(0) { sum, item in
        switch item {
        case .circle(_, _, let fill, _): sum + (fill == Paint(Theme.light.page) ? 0 : 1)
        case .path(let path, let fill, _): sum + (path.closed && fill != nil ? 1 : 0)
        case .group(_, let inner): sum + filled(inner)
        default: sum
        }
      }
    }
    // Two on each marked line, one in the key.
    #expect(filled(scene.items) == (markers ? 3 * min(count, count > 8 ? 2 : count) : 0))
  }

  /// Model sizes on an axis: no key while all of them are labelled, a key as soon as one is not.
  @Test func everySizeIsNamedByTheAxisOrByTheKey() throws {
    let names = ["70M", "160M", "410M", "1.4B", "2.8B"]
    let sizes = [70e6, 160e6, 410e6, 1.4e9, 2.8e9]
    var figure = Figure(
      id: "f", title: "", description: "",
      x: .values(zip(sizes, names).map { ($0, $1) }, on: .log10, title: "Parameters"),
      y: .linear(0...1), series: .size(names))
    for panel in ["a", "b"] {
      figure.panels.append(
        Panel(
          panel,
          marks: names.indices.map {
            .points(x: [sizes[$0]], y: [0.2 * Double($0)], series: names[$0])
          }))
    }
    for target in AllTargets.all {
      let scene = try figure.scene(for: target, theme: .light, fonts: fonts)
      for name in names {
        let count = scene.textRuns.filter { $0.text == name }.count
        #expect(count >= 1, "\(name) at \(target.name)")
        if target == .wide { #expect(count == 2) }
      }
      #expect(scene.audit().isEmpty, "\(target.name)")
    }
  }

  @Test func aPanelWithoutValuesSaysSo() throws {
    let figure = SampleFigures { _, _, _ in .nan }.lines()
    let scene = try figure.scene(for: .wide, theme: .light, fonts: fonts)
    #expect(scene.textRuns.filter { $0.text == "no values" }.count == figure.panels.count)
  }

  /// The learning rate: an area where all share one, a line of its colour for each series where they differ.
  @Test func schedulesStandInAStripOfTheirOwnBelowThePanel() throws {
    let x = [0.0, 10, 100, 1000]
    var figure = Figure(
      id: "f", title: "", description: "", x: .steps(.log2), y: .linear(0...1),
      series: .size(["a", "b"]),
      panels: [
        Panel(
          "p",
          marks: ["a", "b"].map { .line(x: x, y: [0.1, 0.2, 0.5, 0.9], series: $0) },
          schedule: .init(x: x, y: [0, 1e-3, 1e-3, 1e-4]))
      ])
    func strips(_ scene: Scene) -> [[SceneItem]] {
      scene.items.compactMap { item in
        guard case .group(let clip, let items) = item, clip.height < 40 else { return nil }
        return items
      }
    }
    for target in AllTargets.all {
      let theme: Theme = target.unit == .pixel ? .light : .print
      let one = try figure.scene(for: target, theme: theme, fonts: fonts)
      #expect(one.audit().isEmpty, "\(target.name)")
      #expect(one.textRuns.contains { $0.text == "learning rate" })
    }
    let one = try figure.scene(for: .wide, theme: .light, fonts: fonts)
    #expect(strips(one).first?.count == 2)
    figure.panels[0].schedule = .init(lines: [
      .init(x: x, y: [0, 1e-3, 1e-3, 1e-4], series: "a"),
      .init(x: x, y: [0, 5e-4, 5e-4, 5e-5], series: "b"),
    ])
    let two = try figure.scene(for: .wide, theme: .light, fonts: fonts)
    let colours = strips(two).first?.compactMap { item -> RGB? in
      if case .path(_, _, let stroke) = item { stroke?.paint.colour } else { nil }
    }
    #expect(colours == Theme.light.size.spread(2))
    #expect(two.audit().isEmpty)
    figure.panels[0].schedule = .init(lines: [.init(x: [1], y: [], series: "")])
    #expect(
      throws: PlottingError.lengths(
        figure: "f", panel: "p", mark: "schedule", expected: 1, found: 0)
    ) { try figure.scene(for: .wide, theme: .light, fonts: fonts) }
  }

  @Test func annotationsAreToldOnce() throws {
    for target in [Target.wide, .medium, .narrow] {
      let scene = try SampleFigures().lines().scene(for: target, theme: .light, fonts: fonts)
      let words = scene.textRuns.map(\.text).joined(separator: " ")
      #expect(words.components(separatedBy: "chance, 95 %").count == 2)
      #expect(words.components(separatedBy: "20 %").count == 2)
    }
  }
}

extension Scene {
  fileprivate var fillColours: Set<RGB> {
    var colours = Set<RGB>()
    func visit(_ items: [SceneItem]) {
      for item in items {
        switch item {
        case .rectangles(_, let fill, _): colours.insert(fill.colour)
        case .group(_, let inner): visit(inner)
        default: continue
        }
      }
    }
    visit(items)
    return colours
  }

  fileprivate var strokeWidths: [Double] {
    var widths: [Double] = []
    func visit(_ items: [SceneItem]) {
      for item in items {
        switch item {
        case .path(_, _, let stroke), .circle(_, _, _, let stroke):
          if let stroke { widths.append(stroke.width) }
        case .group(_, let inner): visit(inner)
        default: continue
        }
      }
    }
    visit(items)
    return widths
  }
}
