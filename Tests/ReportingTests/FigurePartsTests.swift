import Foundation
import Plotting
import Testing

@testable import Reporting

/// A figure of a paper fits on its page together with its caption, in parts where it must.
@Suite struct FigurePartsTests {
  private let parts: FigureParts

  init() throws { parts = FigureParts(fonts: try FigureDrawing.faces()) }

  private static let targets: [Target] = [
    .venue(.acl, .column), .venue(.acl, .text), .venue(.icml, .column), .venue(.neurips, .text),
    .venue(.nature, .column), .custom(centimetres: 8.5),
  ]

  @Test func figureAndCaptionOfTwelveRunsFitOnThePage() throws {
    let study = CatalogueLayoutTests.studies.first { $0.name.hasPrefix("twelve names") }
    let catalogue = try #require(study).study.catalogue()
    var split = 0
    for figure in catalogue.drawn {
      for target in Self.targets {
        let page = try #require(target.pageHeight)
        let scenes = try parts.scenes(of: figure.figure, caption: figure.caption, target: target)
        let caption = parts.height(of: figure.caption, width: target.width)
        for scene in scenes {
          #expect(
            scene.height + min(caption, page / 2) <= page + 0.01,
            "\(figure.id), \(target.name): \(Int(scene.height)) and a caption of \(Int(caption))")
          #expect(scene.audit() == [], "\(figure.id), \(target.name)")
          #expect(scene.width == target.width)
        }
        if scenes.count > 1 { split += 1 }
      }
    }
    #expect(split > 0, "twelve runs with twelve cells do not stand on one column's page")
  }

  @Test func theFiguresOfFiveRunsAreWhole() throws {
    for figure in try CatalogueStudy().catalogue().drawn {
      let scenes = try parts.scenes(
        of: figure.figure, caption: figure.caption, target: .venue(.acl, .text))
      #expect(scenes.count == 1, "\(figure.id)")
      #expect(scenes[0].title == figure.figure.title)
    }
  }

  @Test func partsKeepRowsTogetherAndEveryPanel() {
    let panels = ["MLP", "OV"].flatMap { row in (0..<5).map { Panel("run \($0)", row: row) } }
    #expect(FigureParts.parts(panels, 1) == [panels])
    #expect(FigureParts.parts(panels, 2).map { Set($0.map(\.row)) } == [["MLP"], ["OV"]])
    for count in 3...10 {
      let parts = FigureParts.parts(panels, count)
      #expect(parts.flatMap { $0 } == panels)
      #expect(parts.count == count && parts.allSatisfy { !$0.isEmpty })
    }
  }

  @Test func aPaperIncludesEveryPartUnderOneNumber() throws {
    let figure = try #require(CatalogueStudy().catalogue()["cka-by-size"])
    let names = (0..<3).map { PaperTargets.part($0, of: "cka-by-size.pdf") }
    #expect(names == ["cka-by-size.pdf", "cka-by-size.part2.pdf", "cka-by-size.part3.pdf"])
    let tex = TeX.figure(figure, path: names[0], more: Array(names.dropFirst()))
    for name in names { #expect(tex.contains("]{\(name)}")) }
    #expect(tex.components(separatedBy: "\\addtocounter{figure}{-1}").count == 3)
    #expect(tex.contains("\\caption{CKA by size, part 3 of 3.}"))
    #expect(tex.contains("\\label{fig:cka-by-size-part2}"))
  }
}
