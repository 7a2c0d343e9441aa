import Capture
import Files
import Foundation
import Tensors

/// Why units failed, in files beside the artifacts, each under the key of its unit: shards tell the
/// gathering step so, and `tend status` the user. A unit that is tried again and succeeds loses its file.
struct FailureRecords: Sendable {
  let folder: String

  func write(_ failure: FailedUnit, key: String) throws(FileError) {
    try Folder.make(folder)
    let text = JSONText.object([
      ("stage", .text(failure.stage.rawValue)), ("run", .text(failure.run)),
      ("step", .integer(failure.step)), ("probe", .text(failure.probe)),
      ("reason", .text(failure.reason)),
    ])
    try DurableWrite.write(text + "\n", to: path(key))
  }

  func remove(key: String) throws(FileError) {
    let path = path(key)
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .system(action: "remove", path: path, code: errno)
    }
  }

  /// The failure of the unit with this key; `nil` where none is recorded.
  func failure(key: String) throws -> FailedUnit? {
    let path = path(key)
    guard Folder.kind(of: path) == .file else { return nil }
    let json = try JSONReader.read(try FileReader(path).readAll())
    guard let stage = json["stage"]?.string.flatMap(StudyStage.init),
      let run = json["run"]?.string, let step = json["step"]?.integer,
      let reason = json["reason"]?.string
    else { return nil }
    return FailedUnit(
      stage: stage, run: run, step: step, probe: json["probe"]?.string, reason: reason)
  }

  private func path(_ key: String) -> String { "\(folder)/\(SHA256Digest(of: key).hex)" }
}
