/// A drawn figure as a value: everything placed, nothing left to decide. Renderers draw the items in order.
package struct Scene: Sendable, Equatable {
  package enum Unit: Sendable, Hashable {
    /// 1/96 in: pages and rasters.
    case pixel
    /// 1/72 in: print.
    case point

    package var points: Double { self == .pixel ? 0.75 : 1 }
    package var pixels: Double { self == .pixel ? 1 : 96.0 / 72 }
  }

  package var width: Double
  package var height: Double
  package var unit: Unit
  /// The figure's id: lower case, digits, hyphens.
  package var name: String
  /// Metadata only, never drawn.
  package var title: String
  /// The alternative text.
  package var description: String
  package var background: RGB
  package var items: [SceneItem]
  /// Where the rows of the figure's data were drawn.
  package var positions: [DataPosition]
  /// What the audit holds this scene to.
  package var limits: Limits
  /// Whether the page was too short for the strips of the schedules: a caption must not name them then.
  package var leavesOutSchedules = false

  package struct Limits: Sendable, Equatable {
    package var smallestText: Double
    package var thinnestStroke: Double
    package var tallest: Double?
  }
}

/// One row of the figure's data and the rectangle, or point (width and height 0), that shows it.
package struct DataPosition: Sendable, Hashable {
  package var row: Int
  package var panel: Int
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double
}

package enum SceneItem: Sendable, Equatable {
  /// Rectangles of one colour; crisp ones lie on whole units and touch without seams.
  case rectangles([Rect], fill: Paint, crisp: Bool)
  /// Cells of a picture, from the top left to the bottom right.
  case cells([ColourCell], crisp: Bool)
  case path(ScenePath, fill: Paint?, stroke: Stroke?)
  case circle(centre: Point, radius: Double, fill: Paint?, stroke: Stroke?)
  case text(TextRun)
  /// Items of which only the part inside `clip` shows.
  case group(clip: Rect, [SceneItem])
}

/// One cell, or several of one colour side by side. Where it joins its neighbours a renderer that smooths edges may draw
/// it a little larger, before the neighbour: else the page shines through between the two.
package struct ColourCell: Sendable, Hashable {
  package var rect: Rect
  package var colour: RGB
  package var joinsRight: Bool
  package var joinsBelow: Bool

  package init(rect: Rect, colour: RGB, joinsRight: Bool, joinsBelow: Bool) {
    self.rect = rect
    self.colour = colour
    self.joinsRight = joinsRight
    self.joinsBelow = joinsBelow
  }
}

/// Polylines; closed ones are polygons.
package struct ScenePath: Sendable, Equatable {
  package var lines: [[Point]]
  package var closed: Bool

  package init(_ lines: [[Point]], closed: Bool = false) {
    self.lines = lines
    self.closed = closed
  }
}

package struct Paint: Sendable, Hashable {
  package var colour: RGB
  package var opacity: Double

  package init(_ colour: RGB, opacity: Double = 1) {
    self.colour = colour
    self.opacity = opacity
  }
}

package struct Stroke: Sendable, Hashable {
  package var paint: Paint
  package var width: Double
  /// Lengths of dash and gap in turn; empty: solid.
  package var dash: [Double]
  package var roundCaps: Bool

  package init(_ colour: RGB, width: Double, dash: [Double] = [], roundCaps: Bool = false) {
    self.paint = Paint(colour)
    self.width = width
    self.dash = dash
    self.roundCaps = roundCaps
  }
}

/// A line of text that starts at `x` on the baseline `y`; `width` is what the font's advances add up to.
package struct TextRun: Sendable, Hashable {
  package var text: String
  package var face: Face
  package var size: Double
  package var x: Double
  package var y: Double
  package var width: Double
  package var colour: RGB

  /// From the height of a capital, or an accent on it, to the foot of a g.
  package var box: Rect {
    Rect(left: x, top: y - 0.76 * size, right: x + width, bottom: y + 0.21 * size)
  }
}
