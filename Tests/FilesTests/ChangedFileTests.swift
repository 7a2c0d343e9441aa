import Foundation
import Testing

@testable import Files

/// Files that are cut off, written to, replaced or removed while they are open.
@Suite struct ChangedFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func reader(_ bytes: Int = 4096) throws -> (FileReader, URL) {
    let path = folder.path + "/a"
    try Data(repeating: 7, count: bytes).write(to: URL(fileURLWithPath: path))
    return (try FileReader(path), URL(fileURLWithPath: path))
  }

  @Test func anUntouchedFileIsUnchanged() throws {
    let (reader, _) = try reader()
    _ = try reader.readAll()
    try reader.checkUnchanged()
  }

  @Test func aFileThatIsCutOffIsAnErrorNotACrash() throws {
    let (reader, file) = try reader()
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: 100)
    try handle.close()
    #expect(
      throws: FileError.truncated(path: file.path, offset: 50, expected: 100, found: 50)
    ) { try reader.read(at: 50, count: 100) }
    #expect(throws: FileError.self) { try reader.checkUnchanged() }
  }

  @Test func aFileThatWasReplacedOrRemovedIsTold() throws {
    let (reader, file) = try reader()
    try DurableWrite.write([UInt8](repeating: 8, count: 4096), to: file.path)
    #expect(
      throws: FileError.changed(path: file.path, how: "was replaced by another file")
    ) { try reader.checkUnchanged() }
    try FileManager.default.removeItem(at: file)
    #expect(throws: FileError.self) { try reader.checkUnchanged() }
  }

  @Test func aFileThatWasWrittenToIsTold() throws {
    let (reader, file) = try reader()
    let handle = try FileHandle(forWritingTo: file)
    try handle.write(contentsOf: Data([1, 2, 3]))
    try handle.close()
    // The clock of the file system may be coarse.
    try FileManager.default.setAttributes(
      [.modificationDate: Date.now.addingTimeInterval(5)], ofItemAtPath: file.path)
    #expect(throws: FileError.changed(path: file.path, how: "was written to")) {
      try reader.checkUnchanged()
    }
  }
}
