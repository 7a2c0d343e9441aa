import Files
import Foundation
import Testing

@Suite struct FolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func filesBelowAFolderAreFoundThroughLinksInTheirOrder() throws {
    let pages = folder.path + "/pages"
    for name in ["b/deep", "a", "elsewhere"] { try Folder.make(pages + "/" + name) }
    for name in ["z.md", "b/deep/1.md", "b/2.md", "a/é.md", "a/e.md"] {
      _ = try folder.write([1], "pages/" + name)
    }
    let outside = try folder.write([2], "outside.md")
    try FileManager.default.createSymbolicLink(
      atPath: pages + "/c.md", withDestinationPath: outside)
    try FileManager.default.createSymbolicLink(
      atPath: pages + "/d.md", withDestinationPath: folder.path + "/gone")
    #expect(
      try Folder.files(below: pages)
        == ["a/e.md", "a/é.md", "b/2.md", "b/deep/1.md", "c.md", "z.md"].map { pages + "/" + $0 })
    #expect(try Folder.files(below: outside) == [outside])
    #expect(try Folder.files(below: folder.path + "/none") == [])
  }

  @Test func aLinkThatLeadsToItselfIsAnError() throws {
    let loop = folder.path + "/loop"
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
    #expect(throws: FileError.self) { try Folder.files(below: folder.path) }
  }
}
