/// One pass of laying a figure out: from the figure and the target to placed panels and drawn items.
struct LayoutPass {
  let figure: Figure
  let target: Target
  let theme: Theme
  let groups: AxisGroups
  let styles: [String: SeriesStyle]
  /// Labels that found no place within a panel and stand in the key instead.
  let movedToKey: [KeyEntry]

  var canvas: Canvas
  var frames: [PanelFrame] = []
  /// Whether the page is too short for a strip under every panel: then the schedules are left out.
  var leavesOutSchedules = false
  /// What found no place in this pass.
  var homeless: [KeyEntry] = []

  var metrics: LayoutMetrics { canvas.metrics }
  var em: Double { canvas.metrics.em }

  init(
    _ figure: Figure, target: Target, theme: Theme, fonts: FontSet, groups: AxisGroups,
    movedToKey: [KeyEntry]
  ) {
    self.figure = figure
    self.target = target
    self.theme = theme
    self.groups = groups
    self.movedToKey = movedToKey
    styles = figure.series.styles(theme)
    canvas = Canvas(
      fonts: fonts, theme: theme, target: target, metrics: LayoutMetrics(target))
  }

  /// Lays out and draws.
  mutating func run() throws -> Scene {
    let key = keyPlan()
    let rightKey = key.right.isEmpty ? 0 : rightKeyWidth(key.right)
    let arrangement = Arrangement.choose(figure.panels) { n, isTransposed in
      estimatedPanelWidth(columns: n, rightKey: rightKey, isTransposed: isTransposed)
        >= minimumPanelWidth
    }
    let columns = columnPlan(arrangement, rightKey: rightKey)
    guard columns.panelWidth >= 3 * em else {
      throw PlottingError.layout(
        figure: figure.id,
        problem:
          "its axis labels leave panels \(Int(columns.panelWidth)) wide at a width of \(Int(target.width)); shorten them"
      )
    }
    var top = drawNote(mergedWith: arrangement)
    top = drawKey(key.top, below: top, left: columns.lefts[0])
    let bottom = placePanels(arrangement, columns, below: top)
    for frame in frames { drawPanel(frame) }
    drawRightKey(key.right, columns: columns)
    placeLabels()
    homeless += unnamedByAxis()
    return Scene(
      width: target.width,
      height: metrics.whole ? (bottom + metrics.inset).rounded(.up) : bottom + metrics.inset,
      unit: target.unit, name: figure.id, title: figure.title, description: figure.description,
      background: theme.page, items: canvas.items, positions: canvas.positions,
      limits: .init(
        smallestText: target.rules.smallestText, thinnestStroke: target.rules.thinnestStroke,
        tallest: target.tallest),
      leavesOutSchedules: leavesOutSchedules)
  }
}
