import Foundation
import Markup
import Publishing
import Testing

@testable import Preview

@Suite struct PreviewTests {
  private func site(_ words: String) throws -> BuiltSite {
    var body = PageBody()
    body.lede(HTML(escaping: words))
    var site = Site(title: "Study", footer: "Made by tend.")
    site.pages = [SitePage(path: .index, title: "Study", body: body)]
    site.files[try SitePath("data/rows.csv")] = .text("a,b\n")
    return try SiteBuilder(theme: SiteTheme.bundled()).build(site)
  }

  @Test("A page comes with the script that knows which version it is")
  func pages() throws {
    let preview = PreviewSite()
    preview.show(try site("One."))
    for path in ["/", "/index.html"] {
      let answer = try PreviewResponse.file(at: path, of: preview)
      let html = String(decoding: answer.body, as: UTF8.self)
      #expect(answer.status == 200 && answer.type == "text/html; charset=utf-8")
      let state = "data-version=\"\(preview.version)\" data-drawing=\"2\" defer></script>\n</head>"
      #expect(html.contains(state))
      #expect(html.contains("One."))
    }
    let table = try PreviewResponse.file(at: "/data/rows.csv", of: preview)
    #expect(
      table
        == PreviewResponse(status: 200, type: "text/csv; charset=utf-8", body: Array("a,b\n".utf8)))
  }

  @Test(
    "What the site does not have is not found, wherever it may lie",
    arguments: [
      "/none.html", "/../../etc/hostname", "/%2e%2e/%2e%2e/etc/hostname", "//etc/hostname", "/data",
    ])
  func missing(path: String) throws {
    let preview = PreviewSite()
    preview.show(try site("One."))
    let answer = try PreviewResponse.file(at: path, of: preview)
    #expect(answer.status == 404)
    #expect(String(decoding: answer.body, as: UTF8.self).contains("There is no such page"))
  }

  @Test("Open pages are told apart what was written anew from what was drawn anew")
  func drawings() throws {
    let preview = PreviewSite()
    preview.show(try site("One."))
    let first = preview.current
    preview.show(try site("Two."), isDrawnAnew: false)
    #expect(preview.current.version == first.version + 1)
    #expect(preview.current.drawing == first.drawing)
    preview.show(try site("Three."))
    #expect(preview.current.drawing == first.drawing + 1)
  }

  @Test("A mistake leaves the last site, and stands alone where there is none")
  func mistakes() throws {
    let preview = PreviewSite()
    preview.show(mistake: "pages/a.md:3: <b>")
    let first = try PreviewResponse.file(at: "/", of: preview)
    #expect(first.status == 500)
    #expect(String(decoding: first.body, as: UTF8.self).contains("pages/a.md:3: &lt;b&gt;"))
    preview.show(try site("Mended."))
    let version = preview.version
    preview.show(mistake: "again")
    #expect(preview.version == version + 1)
    let then = try PreviewResponse.file(at: "/", of: preview)
    #expect(String(decoding: then.body, as: UTF8.self).contains("Mended."))
  }

  @Test(
    "Only this machine's own names are answered",
    arguments: [
      ("localhost:8000", true), ("127.0.0.1", true), ("LOCALHOST", true),
      ("study.example:8000", false), ("127.0.0.1.example", false), ("", false),
    ])
  func hosts(host: String, expected: Bool) {
    #expect(PreviewServer.isLocal(host) == expected)
    #expect(!PreviewServer.isLocal(nil))
  }

  @Test("Files that come, change and go are seen; those of editors are not")
  func watching() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tend-watch-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func put(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    try put("1", "a.md")
    let before = WatchedFiles([folder.path, folder.path + "/absent"])
    try put("22", "a.md")
    try put("3", "b.md")
    try put("4", ".a.md.swp")
    try put("5", "a.md~")
    let after = WatchedFiles([folder.path, folder.path + "/absent"])
    #expect(after.changes(since: before) == ["a.md", "b.md"].map { folder.path + "/" + $0 })
    try FileManager.default.removeItem(at: folder.appending(path: "b.md"))
    let last = WatchedFiles([folder.path, folder.path + "/absent"])
    #expect(last.changes(since: after) == [folder.path + "/b.md"])
    #expect(!after.isEmptied(since: before) && !last.isEmptied(since: after))
    try put("", "a.md")
    try put("", "new.md")
    let emptied = WatchedFiles([folder.path])
    #expect(emptied.isEmptied(since: last))
    // One that was empty before is not being filled.
    #expect(!WatchedFiles([folder.path]).isEmptied(since: emptied))
  }
}
