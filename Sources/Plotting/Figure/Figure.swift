/// A figure before layout: panels of marks over shared axes, and the words about them.
package struct Figure: Sendable, Equatable, Encodable {
  package var id: String
  /// For metadata and lists; never drawn.
  package var title: String
  /// The alternative text: kind, axes, n, extremes, finding.
  package var description: String
  /// One soft line at the top left: what the vertical axis is.
  package var note: String
  package var x: Axis
  package var y: Axis
  package var series: SeriesScale
  package var color: ColorScale?
  /// Explains the stepped line of heatmaps; drawn beside the colour bar where a panel has such a line.
  package var settledLabel: String
  package var panels: [Panel]
  /// The height of a panel in em of tick text; nil: by kind of marks and width.
  package var panelHeight: Double?
  /// Panels as high as they are wide: both axes count the same things.
  package var squarePanels: Bool

  package init(
    id: String, title: String, description: String, note: String = "", x: Axis, y: Axis,
    series: SeriesScale = .none, color: ColorScale? = nil,
    settledLabel: String = "right of the line: at least 0.9 to the end", panels: [Panel] = [],
    panelHeight: Double? = nil, squarePanels: Bool = false
  ) {
    self.id = id
    self.title = title
    self.description = description
    self.note = note
    self.x = x
    self.y = y
    self.series = series
    self.color = color
    self.settledLabel = settledLabel
    self.panels = panels
    self.panelHeight = panelHeight
    self.squarePanels = squarePanels
  }
}

/// One panel. Panels with a `row` form a grid, row × name; without, they follow one another and wrap.
package struct Panel: Sendable, Equatable, Encodable {
  package var name: String
  /// Soft, behind the name: "24 layers".
  package var detail: String
  package var row: String
  /// A soft second line.
  package var subtitle: String
  package var x: Axis?
  package var y: Axis?
  package var marks: [Mark]
  /// Drawn in a strip of its own under the panel, over the same x axis.
  package var schedule: Schedule?

  /// The learning rate over training.
  package struct Schedule: Sendable, Equatable, Encodable {
    package struct Line: Sendable, Equatable, Encodable {
      package var x: [Double]
      package var y: [Double]
      /// A name of the figure's series, or empty for none.
      package var series: String

      package init(x: [Double], y: [Double], series: String = "") {
        self.x = x
        self.y = y
        self.series = series
      }
    }

    /// One for all that the panel shows, or one a series.
    package var lines: [Line]
    package var label: String

    package init(lines: [Line], label: String = "learning rate") {
      self.lines = lines
      self.label = label
    }

    package init(x: [Double], y: [Double], label: String = "learning rate") {
      self.init(lines: [Line(x: x, y: y)], label: label)
    }
  }

  /// Whether anything stands on the line above the panel.
  var isNamed: Bool { !name.isEmpty || !detail.isEmpty }

  package init(
    _ name: String, detail: String = "", row: String = "", subtitle: String = "", x: Axis? = nil,
    y: Axis? = nil, marks: [Mark] = [], schedule: Schedule? = nil
  ) {
    self.name = name
    self.detail = detail
    self.row = row
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.marks = marks
    self.schedule = schedule
  }
}
