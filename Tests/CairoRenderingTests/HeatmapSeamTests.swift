import Foundation
import Plotting
import Testing

@testable import CairoRendering

@Suite struct HeatmapSeamTests {
  private let fonts: FontSet

  init() throws { fonts = try RenderingFonts.load() }

  /// A dark panel of two colours in turn, where the pale page would show between two cells.
  private func scene(_ target: Target) throws -> Scene {
    let steps = (0..<27).map(Double.init)
    let layers = (0..<32).map(Double.init)
    let values = (0..<(27 * 32)).map { ($0 / 27 + $0 % 27).isMultiple(of: 2) ? 0.95 : 1 }
    return try Figure(
      id: "seams", title: "Seams", description: "A chequered heatmap.", x: .steps(.even),
      y: .layers(), color: .sequential(0...1, title: "CKA"),
      panels: [Panel("MLP", marks: [.tiles(x: steps, y: layers, values: values)])]
    ).scene(for: target, theme: .print, fonts: fonts)
  }

  private func area(_ scene: Scene) -> Rect {
    let p = scene.positions
    return Rect(
      left: p.map(\.x).min() ?? 0, top: p.map(\.y).min() ?? 0,
      right: p.map { $0.x + $0.width }.max() ?? 0, bottom: p.map { $0.y + $0.height }.max() ?? 0)
  }

  @Test(arguments: [1, 1.3, 2, 2.7])
  func aRasterShowsOnlyTheColoursOfTheCellsAtAnyZoom(scale: Double) throws {
    for target in [Target.narrow, .venue(.acl, .column)] {
      let scene = try scene(target)
      let rows = try PNGRenderer(fonts: fonts).pixels(scene, scale: scale)
      let factor = scale * scene.unit.pixels
      let inside = area(scene).insetBy(1.5)
      var colours = Set<RGB>()
      for y in Int(inside.y * factor)...Int(inside.bottom * factor) {
        for x in Int(inside.x * factor)...Int(inside.right * factor) { colours.insert(rows[y][x]) }
      }
      #expect(colours.count == 2, "\(target.name) at \(scale)")
    }
  }

  @Test(.enabled(if: Tool.pdftoppm != nil, "pdftoppm (poppler-utils) is not installed"))
  func aPDFShowsNoSeamAtOddResolutions() throws {
    for target in [Target.narrow, .venue(.acl, .column)] {
      let scene = try scene(target)
      let pdf = try PDFRenderer(fonts: fonts).render(scene)
      for resolution in [97, 144, 211] {
        let picture = try #require(try Tool.rasterised(pdf, resolution: resolution))
        let factor = Double(resolution) / 72 * scene.unit.points
        let inside = area(scene).insetBy(2)
        var palest = 0.0
        for y in Int(inside.y * factor)...Int(inside.bottom * factor) {
          for x in Int(inside.x * factor)...Int(inside.right * factor) {
            palest = max(palest, picture.pixel(x, y).luminance)
          }
        }
        let lighter = Theme.print.sequential.colour(at: 0.95).luminance
        #expect(palest < lighter * 1.6, "\(target.name) at \(resolution): \(palest)")
      }
    }
  }
}
