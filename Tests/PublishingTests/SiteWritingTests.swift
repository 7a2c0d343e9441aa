import Foundation
import Markup
import Publishing
import Testing

@Suite struct SiteWritingTests {
  func exists(_ path: String, in folder: TemporaryFolder) -> Bool {
    FileManager.default.fileExists(atPath: folder.path + "/" + path)
  }

  func put(_ text: String, at path: String, in folder: TemporaryFolder) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/" + path))
  }

  func text(_ path: String, in folder: TemporaryFolder) throws -> String {
    try String(contentsOfFile: folder.path + "/" + path, encoding: .utf8)
  }

  @Test("A second write touches nothing, a changed page alone is written")
  func incremental() throws {
    let folder = try TemporaryFolder()
    var site = try DemoSite.make()
    let built = try DemoSite.built(site)
    let first = try built.write(to: folder.path)
    #expect(first.written == built.paths)
    #expect(try built.differences(from: folder.path).isEmpty)
    let second = try built.write(to: folder.path)
    #expect(second.unchanged == built.paths.count)
    #expect(second.written.isEmpty && second.removed.isEmpty && second.kept.isEmpty)

    site.pages[4].body.paragraph("One more.")
    let changed = try DemoSite.built(site)
    let page = try SitePath("data/index.html")
    #expect(try changed.differences(from: folder.path) == [.changed(page)])
    #expect(try changed.write(to: folder.path).written == [page])
    #expect(try text("data/index.html", in: folder).contains("One more."))
  }

  @Test("Only files that tend wrote are removed, and those that somebody changed stay")
  func removal() throws {
    let folder = try TemporaryFolder()
    var site = try DemoSite.make()
    site.files[try SitePath("extra/old.txt")] = .text("old")
    site.files[try SitePath("extra/mine.txt")] = .text("mine")
    try DemoSite.built(site).write(to: folder.path)
    try put("changed by hand", at: "extra/mine.txt", in: folder)
    try put("a stranger", at: "CNAME", in: folder)
    let later = try DemoSite.built(try DemoSite.make())
    #expect(
      try later.differences(from: folder.path) == [
        .unexpected(try SitePath("extra/mine.txt")), .unexpected(try SitePath("extra/old.txt")),
      ])
    let changes = try later.write(to: folder.path)
    #expect(changes.removed == [try SitePath("extra/old.txt")])
    #expect(changes.kept == [try SitePath("extra/mine.txt")])
    #expect(try text("CNAME", in: folder) == "a stranger")
    #expect(try text("extra/mine.txt", in: folder) == "changed by hand")
    #expect(!exists("extra/old.txt", in: folder))
    // A host's name is no part of a report, whatever else lies there is told.
    #expect(
      try later.differences(from: folder.path) == [.stranger(try SitePath("extra/mine.txt"))])
    try put("x", at: "extra/.hidden", in: folder)
    try put("x", at: "not of <this> site.html", in: folder)
    #expect(
      try later.differences(from: folder.path).map(\.description) == [
        "extra/mine.txt: is not part of the site",
        "not of <this> site.html: is not part of the site",
      ])
  }

  @Test(
    "The list of what was written is the same whatever a dated file says, and the file stays ours")
  func dated() throws {
    let folder = try TemporaryFolder()
    let copy = try TemporaryFolder()
    var site = try DemoSite.make()
    let plain = try DemoSite.built(site)
    let path = try SitePath("extra/dated.txt")
    site.dated = [path]
    site.files[path] = .text("one day")
    try DemoSite.built(site).write(to: folder.path)
    let list = try text(".tend-files", in: folder)
    site.files[path] = .text("another day")
    #expect(try DemoSite.built(site).write(to: folder.path).written == [path])
    #expect(try text(".tend-files", in: folder) == list)
    try BuiltSite(writtenIn: folder.path).write(to: copy.path)
    #expect(try text(".tend-files", in: copy) == list)
    #expect(try text("extra/dated.txt", in: copy) == "another day")
    #expect(try plain.write(to: folder.path).removed == [path])
  }

  @Test("A stranger in the way is an error before anything is written")
  func strangers() throws {
    let folder = try TemporaryFolder()
    try put("my own page", at: "index.html", in: folder)
    let built = try DemoSite.built(try DemoSite.make())
    let error = #expect(throws: SiteError.self) { try built.write(to: folder.path) }
    #expect(error?.findings.map(\.page) == ["index.html"])
    #expect(try text("index.html", in: folder) == "my own page")
    #expect(!exists("figures", in: folder))
  }

  @Test("A link in the folder never leads out of it")
  func links() throws {
    let folder = try TemporaryFolder()
    let outside = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/figures", withDestinationPath: outside.path)
    let built = try DemoSite.built(try DemoSite.make())
    #expect(throws: SiteError.self) { try built.write(to: folder.path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).isEmpty)
  }

  @Test("A forged manifest removes nothing outside the folder")
  func forgedManifest() throws {
    let folder = try TemporaryFolder()
    let outside = try TemporaryFolder()
    try put("precious", at: "file.txt", in: outside)
    let name = URL(fileURLWithPath: outside.path).lastPathComponent
    // SHA-256 of "precious".
    let hash = "157fc55121ab2c59852c35d78aca98d840047e5d9668c423e4d3b146e1577901"
    try put("\(hash)  ../\(name)/file.txt\n\(hash)  /etc/hostname\n", at: ".tend-files", in: folder)
    let built = try DemoSite.built(try DemoSite.make())
    #expect(try built.write(to: folder.path).removed.isEmpty)
    #expect(try text("file.txt", in: outside) == "precious")
  }

  static let hasPython = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")

  @Test(
    "An archive is the same every time and unpacks to the site",
    .enabled(if: hasPython, "another program's ZIP reader: /usr/bin/python3 is not there"))
  func archive() throws {
    let built = try DemoSite.built(try DemoSite.make())
    let bytes = try built.archive(folder: "report")
    #expect(try built.archive(folder: "report") == bytes)
    let folder = try TemporaryFolder()
    let file = folder.path + "/site.zip"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [
      "-c",
      "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])",
      file, folder.path,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    for path in built.paths {
      let place = folder.path + "/report/" + path.string
      #expect(FileManager.default.contents(atPath: place) == Data(try built.bytes(of: path)))
    }
  }

  @Test("A written site is published as it stands; a changed file is named")
  func republished() throws {
    let folder = try TemporaryFolder()
    let target = try TemporaryFolder()
    let built = try DemoSite.built(try DemoSite.make())
    try built.write(to: folder.path)
    let again = try BuiltSite(writtenIn: folder.path)
    #expect(again.paths == built.paths)
    let space = try again.asSpace(SpaceSettings(title: "A \"title\": <b>", license: "apache-2.0"))
    try space.write(to: target.path)
    let readme = try text("README.md", in: target)
    #expect(readme.hasPrefix("---\ntitle: \"A \\\"title\\\": <b>\"\n"))
    #expect(readme.contains("\nsdk: static\napp_file: index.html\n"))
    try put("x", at: "404.html", in: folder)
    let error = #expect(throws: SiteError.self) { try BuiltSite(writtenIn: folder.path) }
    #expect(error?.findings.map(\.page) == ["404.html"])
  }

  static let hasGit = FileManager.default.isExecutableFile(atPath: "/usr/bin/git")

  @Test(
    "A branch gets the site as a commit; work tree and index stay as they are",
    .enabled(if: hasGit, "/usr/bin/git is not there")
  )
  func branch() throws {
    let folder = try TemporaryFolder()
    func git(_ arguments: String...) throws -> String {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
      process.arguments =
        ["-C", folder.path, "-c", "user.name=A", "-c", "user.email=a@example.org"] + arguments
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    _ = try git("init", "-q", "-b", "main")
    _ = try git("config", "user.name", "A")
    _ = try git("config", "user.email", "a@example.org")
    try put("x", at: "file.txt", in: folder)
    _ = try git("add", ".")
    _ = try git("commit", "-q", "-m", "first")
    try put("y", at: "file.txt", in: folder)
    let before = try git("status", "--porcelain")

    let branch = try GitBranch(repository: folder.path, name: "gh-pages")
    let built = try DemoSite.built(try DemoSite.make())
    let commit = try #require(try branch.commit(built, message: "Publish"))
    #expect(try branch.commit(built, message: "Publish") == nil)
    #expect(try git("rev-parse", "gh-pages") == commit)
    #expect(try git("rev-list", "--count", "gh-pages") == "1")
    let listed = try git("ls-tree", "-r", "--name-only", "gh-pages").split(separator: "\n")
    #expect(Set(listed.map(String.init)) == Set(built.paths.map(\.string) + [".tend-files"]))
    #expect(try git("status", "--porcelain") == before)
    // Another's file on the branch stays, one of ours that is gone goes.
    _ = try git("worktree", "add", "-q", "pages", "gh-pages")
    try put("report.example", at: "pages/CNAME", in: folder)
    _ = try git("-C", "pages", "add", "CNAME")
    _ = try git("-C", "pages", "commit", "-q", "-m", "Name")
    #expect(throws: SiteError.self) { try GitBranch(repository: folder.path, name: "gh-pages") }
    _ = try git("worktree", "remove", "pages")
    var site = try DemoSite.make()
    site.pages[4].body.paragraph("More.")
    site.files[try SitePath("extra/new.txt")] = .text("new")
    _ = try branch.commit(try DemoSite.built(site), message: "Again")
    #expect(try git("show", "gh-pages:CNAME") == "report.example")
    #expect(try git("show", "gh-pages:extra/new.txt") == "new")
    _ = try branch.commit(built, message: "Without")
    #expect(try git("rev-list", "--count", "gh-pages") == "4")
    #expect(try git("ls-tree", "gh-pages", "extra").isEmpty)
    #expect(try git("show", "gh-pages:CNAME") == "report.example")
    // A stranger in the way is an error, and nothing changes.
    site.files[try SitePath("CNAME")] = .text("mine")
    let clash = try DemoSite.built(site)
    let error = #expect(throws: SiteError.self) { try branch.commit(clash, message: "Clash") }
    #expect(error?.findings.map(\.page) == ["CNAME"])
    #expect(try git("rev-list", "--count", "gh-pages") == "4")
    #expect(try git("for-each-ref", "refs/tend").isEmpty)
    #expect(throws: SiteError.self) { try GitBranch(repository: folder.path, name: "main") }
    #expect(throws: SiteError.self) { try GitBranch(repository: folder.path, name: "--force") }
  }
}
