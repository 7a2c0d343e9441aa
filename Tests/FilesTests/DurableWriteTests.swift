import Files
import Foundation
import Testing

@Suite struct DurableWriteTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func writesWholeFilesAndLeavesNothingElse() throws {
    let path = folder.path + "/a.txt"
    try DurableWrite.write("one", to: path)
    try DurableWrite.write("two", to: path)
    #expect(try FileReader(path).readAll() == Array("two".utf8))
    #expect(try Folder.names(in: folder.path) == ["a.txt"])
  }

  @Test func aPlacedFileIsWholeToo() throws {
    let path = folder.path + "/a.txt"
    try DurableWrite.place([1, 2], at: path)
    try DurableWrite.place([3], at: path)
    #expect(try FileReader(path).readAll() == [3])
    #expect(try Folder.names(in: folder.path) == ["a.txt"])
    #expect(throws: FileError.self) {
      try DurableWrite.place([1], at: folder.path + "/none/a.txt")
    }
  }

  @Test func anUnchangedFileIsNotWritten() throws {
    let path = folder.path + "/a.txt"
    #expect(try DurableWrite.writeIfChanged([1], to: path))
    let before = try FileReader(path).identity
    #expect(try !DurableWrite.writeIfChanged([1], to: path))
    #expect(try FileReader(path).identity == before)
    #expect(try DurableWrite.writeIfChanged([2], to: path))
  }

  @Test func aFailureLeavesTheOldFileAndNoTemporary() throws {
    let target = folder.path + "/taken"
    try Folder.make(target + "/inner")
    #expect(throws: FileError.self) { try DurableWrite.write([1], to: target) }
    #expect(try Folder.names(in: folder.path) == ["taken"])
    #expect(throws: FileError.self) { try DurableWrite.write([1], to: folder.path + "/none/a") }
  }

  @Test func aFullDiskIsSaidToBeOne() {
    let error = FileError.system(action: "write", path: "a", code: ENOSPC)
    #expect(error.isDiskFull)
    #expect("\(error)".contains("free some space"))
  }

  @Test func sweepsOnlyOldTemporaries() throws {
    let name = DurableWrite.temporaryPrefix + "1-a-b"
    _ = try folder.write([1], name)
    _ = try folder.write([1], "kept")
    #expect(try DurableWrite.sweep(folder.path).isEmpty)
    #expect(try DurableWrite.sweep(folder.path, olderThan: 0) == [name])
    #expect(try Folder.names(in: folder.path) == ["kept"])
  }

  @Test func sweepsBelowWithoutFollowingLinks() throws {
    let name = DurableWrite.temporaryPrefix + "1-a-b"
    for inner in ["site/runs/nano", "elsewhere"] {
      try Folder.make(folder.path + "/" + inner)
      _ = try folder.write([1], inner + "/" + name)
      // Last touched in 1970.
      try #require(utimes(folder.path + "/" + inner + "/" + name, [timeval(), timeval()]) == 0)
    }
    try DurableWrite.link(folder.path + "/site/link", to: folder.path + "/elsewhere")
    try DurableWrite.sweepAll(below: folder.path + "/site")
    #expect(try Folder.names(in: folder.path + "/site/runs/nano") == [])
    #expect(try Folder.names(in: folder.path + "/elsewhere") == [name])
    try DurableWrite.sweepAll(below: folder.path + "/nowhere")
  }
}

@Suite struct FileReaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func readsAnywhere() throws {
    let file = try FileReader(folder.write([1, 2, 3, 4], "a"))
    #expect(file.size == 4)
    #expect(try file.read(at: 1, count: 2) == [2, 3])
    #expect(try file.read(at: 4, count: 0) == [])
  }

  @Test func aFileThatShrinksGivesAnError() throws {
    let path = try folder.write([UInt8](repeating: 7, count: 100), "a")
    let file = try FileReader(path)
    #expect(truncate(path, 10) == 0)
    #expect(
      throws: FileError.truncated(path: path, offset: 5, expected: 50, found: 5)
    ) { try file.read(at: 5, count: 50) }
    #expect(throws: FileError.truncated(path: path, offset: 90, expected: 20, found: 10)) {
      try file.read(at: 90, count: 20)
    }
  }

  @Test func whatIsNoFileIsNamed() throws {
    #expect(throws: FileError.notRegular(path: folder.path, kind: "a folder")) {
      try FileReader(folder.path)
    }
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: FileError.notRegular(path: pipe, kind: "a pipe")) { try FileReader(pipe) }
    let missing = folder.path + "/missing"
    #expect(throws: FileError.system(action: "open", path: missing, code: ENOENT)) {
      try FileReader(missing)
    }
  }

  @Test func foldersTellWhyNothingCanBeWritten() throws {
    #expect(Folder.obstacle(toWritingInto: folder.path + "/a/b/c") == nil)
    let file = try folder.write([1], "file")
    #expect(Folder.obstacle(toWritingInto: file + "/below") != nil)
    #expect(try Folder.names(in: folder.path) == ["file"])
  }
}

@Suite struct SHA256Tests {
  @Test func agreesWithThePublishedVectors() {
    #expect(
      SHA256Digest(of: "abc").hex
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256Digest(of: "").hex
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
