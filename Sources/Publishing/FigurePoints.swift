/// The values of a figure and where they stand in its drawings: a classic script that the page loads
/// when a reader asks for values.
///
/// `tendPoints[ID] = {columns, rows, variants: {WIDTH: [[row, series, x, y, width, height] …]}}`.
package struct FigurePoints: Sendable, Hashable {
  /// A value's place in one drawing, in CSS pixels of that drawing.
  package struct Point: Sendable, Hashable {
    /// The index of its row.
    package var row: Int
    /// Points of one number are joined when one of them is picked: one number a line and panel.
    package var series: Int
    /// The point, or the top left corner of a cell, box or bar.
    package var x: Double
    package var y: Double
    /// The size of a cell, box or bar; 0 for points of lines and scatter plots.
    package var width: Double
    package var height: Double

    package init(
      row: Int, series: Int, x: Double, y: Double, width: Double = 0, height: Double = 0
    ) {
      self.row = row
      self.series = series
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }
  }

  package struct Variant: Sendable, Hashable {
    package var width: Int
    package var points: [Point]

    package init(width: Int, points: [Point]) {
      self.width = width
      self.points = points
    }
  }

  package var id: String
  /// Names for readers: "Run", "Layer", "CKA".
  package var columns: [String]
  /// Cells as they are shown, one array a row.
  package var rows: [[String]]
  package var variants: [Variant]

  package init(id: String, columns: [String], rows: [[String]], variants: [Variant]) {
    self.id = id
    self.columns = columns
    self.rows = rows
    self.variants = variants
  }

  package var script: String {
    func list(_ texts: [String]) -> String {
      "[" + texts.map(SearchText.literal).joined(separator: ",") + "]"
    }
    var output = "(window.tendPoints=window.tendPoints||{})[\(SearchText.literal(id))]={\n"
    output += "columns:\(list(columns)),\nrows:[\n"
    output += rows.map(list).joined(separator: ",\n")
    output += "],\nvariants:{"
    for (index, variant) in variants.enumerated() {
      output += index == 0 ? "\n" : ",\n"
      output += "\(variant.width):["
      var first = true
      for point in variant.points where point.x.isFinite && point.y.isFinite {
        output += first ? "" : ","
        first = false
        output += "[\(point.row),\(point.series),\(Coordinate.text(point.x)),"
        output += "\(Coordinate.text(point.y)),\(Coordinate.text(point.width)),"
        output += "\(Coordinate.text(point.height))]"
      }
      output += "]"
    }
    return output + "}};\n"
  }
}
