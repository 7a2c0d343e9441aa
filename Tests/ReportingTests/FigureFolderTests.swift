import Foundation
import Testing

@testable import Reporting

@Suite struct FigureFolderTests {
  private func names(_ folder: TemporaryFolder) throws -> Set<String> {
    Set(try folder.files("figures").keys).subtracting([FigureFolder.manifest])
  }

  @Test func whatIsNoLongerDrawnIsRemovedAndNothingElse() throws {
    let folder = try TemporaryFolder()
    let place = folder.path + "/figures"
    var first = FigureFolder(place)
    try first.write([("a.svg", [1]), ("b.svg", [2]), ("c@2x.png", [3])])
    #expect(first.written == 3)
    // One of the user's own, and one of ours that the user has drawn over.
    try Data([9]).write(to: URL(fileURLWithPath: place + "/mine.svg"))
    try Data([7]).write(to: URL(fileURLWithPath: place + "/c@2x.png"))
    var second = FigureFolder(place)
    try second.write([("a.svg", [1])])
    #expect(second.unchanged == 1 && second.written == 0 && second.removed == 1)
    #expect(try names(folder) == ["a.svg", "mine.svg", "c@2x.png"])
    // What was left to the user stays the user's.
    try Data([3]).write(to: URL(fileURLWithPath: place + "/c@2x.png"))
    var third = FigureFolder(place)
    try third.write([("a.svg", [1])])
    #expect(try names(folder) == ["a.svg", "mine.svg", "c@2x.png"])
  }

  @Test(arguments: [
    "../outside", "/etc/passwd", "sub/inside.svg", ".hidden", "a b", "",
  ])
  func aManifestFromElsewhereRemovesNothingOutside(name: String) throws {
    let folder = try TemporaryFolder()
    let place = folder.path + "/figures"
    let outside = folder.path + "/outside"
    try Data([5]).write(to: URL(fileURLWithPath: outside))
    try FileManager.default.createDirectory(
      atPath: place + "/sub", withIntermediateDirectories: true)
    for own in ["/sub/inside.svg", "/.hidden"] {
      try Data([5]).write(to: URL(fileURLWithPath: place + own))
    }
    // The hash of the byte 5.
    let hash = "e77b9a9ae9e30b0dbdb6f510a264ef9de781501d7b6b92ae89eb059c5ab743db"
    try Data("\(hash)  \(name)\n".utf8).write(
      to: URL(fileURLWithPath: place + "/" + FigureFolder.manifest))
    var files = FigureFolder(place)
    try files.write([("a.svg", [1])])
    #expect(files.removed == 0)
    #expect(FileManager.default.fileExists(atPath: outside))
    #expect(try names(folder).isSuperset(of: ["sub/inside.svg", ".hidden", "a.svg"]))
  }
}
