import CairoRendering
import Plotting
import Publishing
import SVGRendering

/// One figure as files, and what a page must know of them.
struct DrawnFigure: Sendable, Codable {
  struct File: Sendable, Codable {
    /// Behind the figure's name: `svg`, `dark.svg`, `@2x.png`.
    let suffix: String
    let bytes: [UInt8]
  }

  struct Size: Sendable, Codable {
    /// Empty for the widest.
    let name: String
    /// In pixels.
    let width: Int
    let height: Int
  }

  let id: String
  let files: [File]
  /// Widest first.
  let sizes: [Size]
  /// What a reader would stumble over, by size and theme; empty for every figure that may leave.
  let findings: [String]

  /// All files under their names.
  var named: [(name: String, bytes: [UInt8])] { files.map { (fileName($0.suffix), $0.bytes) } }

  func fileName(_ suffix: String) -> String {
    suffix.hasPrefix("@") ? id + suffix : "\(id).\(suffix)"
  }
}

/// Draws figures: each laid out anew for three widths in two themes, and once for print.
struct FigureDrawing: Sendable {
  private let fonts: FontSet
  private let svg: SVGRenderer
  private let pdf: PDFRenderer
  private let png: PNGRenderer

  /// Reads the faces once; all figures share them.
  init() throws {
    fonts = try Self.faces()
    svg = SVGRenderer(fonts: fonts)
    pdf = PDFRenderer(fonts: fonts)
    png = PNGRenderer(fonts: fonts)
  }

  /// The faces that every figure is set in.
  static func faces() throws -> FontSet {
    try FontSet(
      regular: Resources.font(.regular), semibold: Resources.font(.semibold),
      bold: Resources.font(.bold), italic: Resources.font(.italic))
  }

  static let targets: [(name: String, target: Target)] = [
    ("", .wide), ("medium", .medium), ("narrow", .narrow),
  ]

  /// All files of one figure for the site and for the figures folder.
  func draw(_ figure: ReportFigure) throws(ReportError) -> DrawnFigure {
    do {
      var files: [DrawnFigure.File] = []
      var sizes: [DrawnFigure.Size] = []
      var variants: [FigurePoints.Variant] = []
      var findings: [String] = []
      let series = Self.seriesOfRows(figure.figure)
      for (name, target) in Self.targets {
        let prefix = name.isEmpty ? "" : name + "."
        let light = try figure.figure.scene(for: target, theme: .light, fonts: fonts)
        let dark = try figure.figure.scene(for: target, theme: .dark, fonts: fonts)
        for (theme, scene) in [("light", light), ("dark", dark)] {
          findings += scene.audit().map { "figure \(figure.id), \(target.name), \(theme): \($0)" }
        }
        files.append(.init(suffix: prefix + "svg", bytes: try svg.render(light)))
        files.append(.init(suffix: prefix + "dark.svg", bytes: try svg.render(dark)))
        let size = DrawnFigure.Size(
          name: name, width: Int(light.width.rounded(.up)), height: Int(light.height.rounded(.up)))
        sizes.append(size)
        variants.append(
          FigurePoints.Variant(
            width: size.width,
            points: light.positions.map {
              .init(
                row: $0.row, series: series[$0.row] ?? 0, x: $0.x, y: $0.y, width: $0.width,
                height: $0.height)
            }))
        if name.isEmpty {
          files.append(.init(suffix: "png", bytes: try png.render(light, scale: 1)))
          files.append(.init(suffix: "@2x.png", bytes: try png.render(light, scale: 2)))
          let print = try figure.figure.scene(for: target, theme: .print, fonts: fonts)
          files.append(.init(suffix: "pdf", bytes: try pdf.render(print)))
          findings += print.audit().map { "figure \(figure.id), print: \($0)" }
        }
      }
      files.append(.init(suffix: "csv", bytes: Array(figure.rows.csv.utf8)))
      files.append(
        .init(suffix: "tex", bytes: Array(TeX.figure(figure, path: "\(figure.id).pdf").utf8)))
      let points = FigurePoints(
        id: figure.id, columns: figure.rows.columns, rows: figure.rows.shown, variants: variants)
      files.append(.init(suffix: "data.js", bytes: Array(points.script.utf8)))
      return DrawnFigure(id: figure.id, files: files, sizes: sizes, findings: findings)
    } catch {
      throw .drawing(figure: figure.id, reason: "\(error)")
    }
  }

  /// Which mark a row of the data belongs to: picking one value picks out its whole line.
  private static func seriesOfRows(_ figure: Figure) -> [Int: Int] {
    var series: [Int: Int] = [:]
    var number = 0
    for mark in figure.panels.flatMap(\.marks) {
      let rows: [Int]? =
        switch mark {
        case .line(let line): line.rows
        case .points(let points): points.rows
        case .boxes(let boxes): boxes.rows
        case .tiles(let tiles): tiles.rows
        case .bars(let bars): bars.rows
        case .band, .rule, .text, .finalPoint: nil
        }
      guard let rows else { continue }
      for row in rows { series[row] = number }
      number += 1
    }
    return series
  }

  /// A figure, or a part of one, as PDF, and whether its page was too short for the strips of the schedules.
  struct Page: Sendable {
    let bytes: [UInt8]
    let leavesOutSchedules: Bool
  }

  /// The figure as PDF at another width, such as a venue's: in parts where it is too high for a page with its caption.
  func pages(_ figure: ReportFigure, target: Target) throws(ReportError) -> [Page] {
    do {
      return try FigureParts(fonts: fonts)
        .scenes(of: figure.figure, caption: figure.caption, target: target)
        .map {
          Page(bytes: try pdf.render($0), leavesOutSchedules: $0.leavesOutSchedules)
        }
    } catch {
      throw .drawing(figure: figure.id, reason: "\(error)")
    }
  }
}
