/// What is drawn in a panel, bound to its data. Positions are data values; one that is not finite is a gap.
/// `rows` are indices into the rows of the figure's data file; nil continues the count of the marks before.
package enum Mark: Sendable, Equatable, Encodable {
  case line(Line)
  case band(Band)
  case points(Points)
  case boxes(Boxes)
  case tiles(Tiles)
  case bars(Bars)
  case rule(Rule)
  case text(Note)
  /// The final step of a similarity: 1 by construction, an open circle joined to nothing.
  case finalPoint(Point)

  package struct Line: Sendable, Equatable, Encodable {
    package enum Style: Sendable, Hashable, Encodable {
      case data
      /// Heavier, ink if it has no series.
      case median
      /// Thin, soft: a fitted line.
      case fit
      /// Constant up to the next value.
      case stepped
      /// Thin and dashed: the seed ceiling, the learning rate.
      case reference
    }
    package var x: [Double]
    package var y: [Double]
    package var series: String
    package var style: Style
    package var markers: Bool
    /// The interval of each value, a thin upright behind the line.
    package var lower: [Double]?
    package var upper: [Double]?
    package var rows: [Int]?
  }

  package struct Band: Sendable, Equatable, Encodable {
    package enum Style: Sendable, Hashable, Encodable {
      /// A tint of the series' colour.
      case interval(String)
      /// What chance alone gives: grey with a dotted upper edge.
      case null
      /// The interval of a fit; does not widen the axis.
      case fit
    }
    package var x: [Double]
    package var lower: [Double]
    package var upper: [Double]
    package var style: Style
    package var label: String
  }

  package struct Points: Sendable, Equatable, Encodable {
    package var x: [Double]
    package var y: [Double]
    package var series: String
    package var lower: [Double]?
    package var upper: [Double]?
    package var open: Bool
    package var labels: [String]?
    package var rows: [Int]?
  }

  package struct Boxes: Sendable, Equatable, Encodable {
    package var x: [Double]
    package var median: [Double]
    package var lowerQuartile: [Double]
    package var upperQuartile: [Double]
    package var minimum: [Double]
    package var maximum: [Double]
    package var series: String
    package var rows: [Int]?
  }

  package struct Tiles: Sendable, Equatable, Encodable {
    package var x: [Double]
    package var y: [Double]
    /// y.count × x.count, row by row.
    package var values: [Double]
    /// The last column is left empty and outlined: 1 by construction.
    package var emptyLast: Bool
    /// For each y the x from which the value stays above the threshold; nil: never.
    package var settledFrom: [Double?]?
    /// Decimals of the numbers printed in the cells.
    package var numbers: Int?
    package var rows: [Int]?
  }

  package struct Bars: Sendable, Equatable, Encodable {
    package var x: [Double]
    package var y: [Double]
    package var lower: [Double]?
    package var upper: [Double]?
    package var series: String
    package var rows: [Int]?
  }

  package struct Rule: Sendable, Equatable, Encodable {
    package enum Position: Sendable, Hashable, Encodable {
      case x(Double)
      case y(Double)
    }
    package enum Tone: Sendable, Hashable, Encodable {
      /// The annotation colour, dashed.
      case mark
      /// The axis' colour, solid: a zero line.
      case axis
    }
    package var position: Position
    var isAcross: Bool { if case .y = position { true } else { false } }
    package var label: String
    package var tone: Tone
  }

  package struct Note: Sendable, Equatable, Encodable {
    package enum Anchor: Sendable, Hashable, Encodable { case start, middle, end }
    package var text: String
    package var x: Double
    package var y: Double
    package var anchor: Anchor
  }
}

extension Mark {
  package static func line(
    x: [Double], y: [Double], series: String = "", style: Line.Style = .data, markers: Bool = true,
    lower: [Double]? = nil, upper: [Double]? = nil, rows: [Int]? = nil
  ) -> Mark {
    .line(
      Line(
        x: x, y: y, series: series, style: style, markers: markers, lower: lower, upper: upper,
        rows: rows))
  }

  package static func band(
    x: [Double], lower: [Double], upper: [Double], style: Band.Style, label: String = ""
  ) -> Mark {
    .band(Band(x: x, lower: lower, upper: upper, style: style, label: label))
  }

  package static func points(
    x: [Double], y: [Double], series: String = "", lower: [Double]? = nil, upper: [Double]? = nil,
    open: Bool = false, labels: [String]? = nil, rows: [Int]? = nil
  ) -> Mark {
    .points(
      Points(
        x: x, y: y, series: series, lower: lower, upper: upper, open: open, labels: labels,
        rows: rows))
  }

  package static func boxes(
    x: [Double], median: [Double], lowerQuartile: [Double], upperQuartile: [Double],
    minimum: [Double], maximum: [Double], series: String = "", rows: [Int]? = nil
  ) -> Mark {
    .boxes(
      Boxes(
        x: x, median: median, lowerQuartile: lowerQuartile, upperQuartile: upperQuartile,
        minimum: minimum, maximum: maximum, series: series, rows: rows))
  }

  package static func tiles(
    x: [Double], y: [Double], values: [Double], emptyLast: Bool = false,
    settledFrom: [Double?]? = nil, numbers: Int? = nil, rows: [Int]? = nil
  ) -> Mark {
    .tiles(
      Tiles(
        x: x, y: y, values: values, emptyLast: emptyLast, settledFrom: settledFrom,
        numbers: numbers, rows: rows))
  }

  package static func bars(
    x: [Double], y: [Double], lower: [Double]? = nil, upper: [Double]? = nil, series: String = "",
    rows: [Int]? = nil
  ) -> Mark {
    .bars(Bars(x: x, y: y, lower: lower, upper: upper, series: series, rows: rows))
  }

  package static func rule(x: Double, label: String = "", tone: Rule.Tone = .mark) -> Mark {
    .rule(Rule(position: .x(x), label: label, tone: tone))
  }

  package static func rule(y: Double, label: String = "", tone: Rule.Tone = .mark) -> Mark {
    .rule(Rule(position: .y(y), label: label, tone: tone))
  }

  package static func text(_ text: String, x: Double, y: Double, anchor: Note.Anchor = .start)
    -> Mark
  { .text(Note(text: text, x: x, y: y, anchor: anchor)) }

  package static func finalPoint(x: Double, y: Double = 1) -> Mark { .finalPoint(Point(x, y)) }
}
