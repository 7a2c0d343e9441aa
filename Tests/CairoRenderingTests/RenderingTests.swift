import Foundation
import Plotting
import Testing

@testable import CairoRendering

@Suite struct RenderingTests {
  private let fonts: FontSet

  init() throws { fonts = try RenderingFonts.load() }

  private func scene(_ target: Target, _ theme: Theme = .light) throws -> Scene {
    try RenderingFonts.figure().scene(for: target, theme: theme, fonts: fonts)
  }

  @Test(arguments: [Target.wide, .narrow, .venue(.acl, .column), .venue(.nature, .text)])
  func thePageOfAPDFIsExactlyAsWideAsTheTarget(target: Target) throws {
    let scene = try scene(target)
    let pdf = String(decoding: try PDFRenderer(fonts: fonts).render(scene), as: UTF8.self)
    let box = try #require(pdf.firstMatch(of: /\/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]/))
    let width = try #require(Double(box.output.1))
    #expect(abs(width - target.width * target.unit.points) < 1e-4)
    #expect(pdf.matches(of: /\/Type \/Page[^s]/).count == 1)
  }

  @Test func theSameSceneGivesTheSameBytes() throws {
    let scene = try scene(.wide)
    let pdf = PDFRenderer(fonts: fonts)
    let png = PNGRenderer(fonts: fonts)
    #expect(try pdf.render(scene) == pdf.render(scene))
    #expect(try png.render(scene, scale: 2) == png.render(scene, scale: 2))
    #expect(try pdf.render(scene).count < 60_000)
  }

  @Test func aRasterHasTheAskedSizeAndIsBackgroundAtItsEdges() throws {
    for (target, theme) in [
      (Target.wide, Theme.light), (.narrow, .dark), (.venue(.acl, .column), .print),
    ] {
      for scale in [1.0, 2] {
        let scene = try scene(target, theme)
        let png = PNGRenderer(fonts: fonts)
        // Width and height stand big-endian at byte 16 of every PNG.
        let size = try png.render(scene, scale: scale)[16..<24].map { Int($0) }
        let width = Int((scene.width * scene.unit.pixels * scale).rounded(.up))
        let height = Int((scene.height * scene.unit.pixels * scale).rounded(.up))
        #expect(size == [0, 0, width >> 8, width & 255, 0, 0, height >> 8, height & 255])
        let rows = try png.pixels(scene, scale: scale)
        let border = rows[0] + rows[height - 1] + rows.flatMap { [$0[0], $0[width - 1]] }
        #expect(Set(border) == [theme.page])
        #expect(Set(rows.joined()).count > 20)
      }
    }
  }

  @Test func impossibleSizesAreErrors() throws {
    var scene = try scene(.narrow)
    scene.height = 1e6
    #expect(throws: CairoRenderingError.size(scene: scene.name, width: 320, height: 1e6)) {
      try PNGRenderer(fonts: fonts).render(scene)
    }
  }
}
