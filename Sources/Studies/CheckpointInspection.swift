import Capture
import Checkpoints
import Files
import Foundation
import LinearAlgebra
import Tensors

/// What is in a checkpoint, a run, a capture, an artifact or a file of tensors: `tend inspect`.
package struct CheckpointInspection: Sendable {
  package struct Tensor: Sendable {
    package let name: String
    /// As safetensors calls it.
    package let type: String
    package let shape: [Int]
    package let file: String
    /// Where it was asked for, and the type can be computed on.
    var statistics: TensorStatistics?
    /// SHA-256 of the elements' bytes, row-major, where it was asked for.
    var digest: String?
  }

  package let path: String
  /// `checkpoint`, `run`, `capture`, `safetensors`, `torch`, `npz`, `npy`, `pickle`, `artifact`.
  package internal(set) var kind = ""
  package internal(set) var tensors = InspectedTensors()
  /// The recognised kind of model; `nil` where there is none.
  package internal(set) var architecture: String?
  /// Tensors that the configuration or an index asks for and that are not there.
  package internal(set) var missing: [String] = []
  /// What `config.json` says, in its own words.
  var configuration: [(name: String, value: String)] = []
  /// What keeps the whole from being read: one line each; then the exit code is 1.
  package internal(set) var problems: [String] = []
  /// What a user should know.
  var notes: [String] = []
  /// For a run: its steps, with what keeps each from being read.
  var steps: [(step: Int, obstacle: String?)] = []
  private let readsData: Bool
  private let hashesData: Bool

  /// Looks at `path`: headers alone, or with `statistics` and `digests` the data as well.
  package init(path: String, statistics: Bool, digests: Bool = false) throws {
    self.path = path
    readsData = statistics
    hashesData = digests
    do {
      if path.hasPrefix(HubCache.scheme) {
        try inspectRun(
          HubCache.run(path, environment: ProcessInfo.processInfo.environment))
        return
      }
      switch Folder.kind(of: path) {
      case .missing: throw FileError.system(action: "find", path: path, code: ENOENT)
      case .unreachable(let code):
        throw FileError.system(action: "find", path: path, code: code)
      case .other: throw FileError.notRegular(path: path, kind: "a device or pipe")
      case .folder: try inspectFolder()
      case .file: try inspectFile()
      }
    } catch {
      throw StudyError.invalid(file: path, [StudyFinding(Self.words(error, path))])
    }
  }

  /// The error without the path that stands before it anyway.
  private static func words(_ error: any Error, _ path: String) -> String {
    let message = "\(error)"
    let place = FileError.shown(path) + ": "
    return message.hasPrefix(place) ? String(message.dropFirst(place.count)) : message
  }

  // MARK: Folders

  private mutating func inspectFolder() throws {
    let names = try Folder.names(in: path)
    let hasWeights = names.contains {
      $0.hasSuffix(".safetensors") || $0.hasSuffix(".bin") || $0.hasSuffix(".index.json")
    }
    if let step = try ExportedStep.open(path, step: 0) { return try inspectCapture(step) }
    guard names.contains("config.json") || hasWeights else {
      if let exported = try ExportedRunFolder(path) { return inspectCaptures(exported) }
      return try inspectRun(RunFolder(path))
    }
    try inspectCheckpoint(names)
  }

  private mutating func inspectRun(_ run: RunFolder) throws {
    kind = "run"
    steps = run.entries.map { ($0.step, $0.obstacle) }
    guard !steps.isEmpty else {
      throw CheckpointError.unreadable(
        folder: path, reason: "holds neither a checkpoint nor stepN folders")
    }
  }

  private mutating func inspectCaptures(_ run: ExportedRunFolder) {
    kind = "run"
    steps =
      (run.steps.map { ($0.step, String?.none) } + run.unreadable.map { ($0.step, $0.reason) })
      .sorted { $0.0 < $1.0 }
    for broken in run.unreadable { problems.append("step \(broken.step): \(broken.reason)") }
  }

  private mutating func inspectCapture(_ step: ExportedStep) throws {
    kind = "capture"
    for file in step.files { try add(file) }
    configuration = [("form", step.form.rawValue)]
    if let heads = step.heads { configuration.append(("heads", String(heads))) }
    for capture in step.captures {
      configuration.append(
        (
          "probe \(capture.probe)",
          "\(capture.rows.count) rows"
            + (capture.probeHash.map { ", hash \($0.prefix(16))…" } ?? "")
        ))
    }
  }

  private mutating func inspectCheckpoint(_ names: [String]) throws {
    kind = "checkpoint"
    let listing = try CheckpointWeights.listing(folder: path)
    notes = listing.notes
    for file in listing.files { try add(file) }
    for shard in listing.missing {
      problems.append(
        "\(path): the shard \(TensorError.quoted(shard.file)) is missing with \(shard.tensors.count) "
          + "tensors; fetch it")
      missing += shard.tensors
    }
    tensors.sortByName()
    guard names.contains("config.json") else {
      problems.append("\(path): has no config.json; copy the model's there")
      missing.append("config.json")
      architecture = RecognisedArchitecture.name(tensors: tensors.lazy.map(\.name))
      return
    }
    let configuration = try Checkpoint.configuration(folder: path)
    for member in configuration.members ?? [] {
      if let value = Self.text(member.value) { self.configuration.append((member.name, value)) }
    }
    architecture =
      RecognisedArchitecture.name(configuration: configuration)
      ?? RecognisedArchitecture.name(tensors: tensors.lazy.map(\.name))
    guard listing.missing.isEmpty else { return }
    let checkpoint = try Checkpoint(folder: path, step: 0)
    let parameters: [String]
    do { parameters = try ModelCheckpoint.parameterNames(checkpoint) } catch {
      notes.append("a model that cannot be measured: \(error)")
      return
    }
    let absent = parameters.filter { name in listing.files.allSatisfy { $0.tensor(name) == nil } }
    guard !absent.isEmpty else { return }
    missing += absent
    problems.append("\(path): \(absent.count) parameters of the model are missing")
  }

  // MARK: Files

  private mutating func inspectFile() throws {
    let file = URL(fileURLWithPath: path).lastPathComponent
    switch try ContentKind.of(path) {
    case .array:
      kind = "npy"
      let array = try NumPyFile(path)
      tensors.add([
        Tensor(
          name: "array", type: array.typeName, shape: array.shape, file: file,
          statistics: readsData && array.type.letter != "b"
            ? TensorStatistics(try array.doubles()) : nil)
      ])
    case .pickle:
      kind = "pickle"
      tensors.add(
        try PickledArrays(path).entries.map {
          Tensor(
            name: $0.name, type: "F64", shape: $0.shape, file: file,
            statistics: readsData ? TensorStatistics($0.values) : nil)
        })
    case .artifact:
      kind = "artifact"
      let artifact = try Artifact(path: path)
      tensors.add(
        try artifact.matrixNames.map { name in
          Tensor(
            name: name, type: "F32", shape: artifact.shape(of: name), file: file,
            statistics: readsData
              ? TensorStatistics(try artifact.matrix(name).elements.lazy.map(Double.init)) : nil)
        })
    case .tensors:
      let content = try TensorFile(path)
      kind = content.format.rawValue
      try add(content)
      architecture = RecognisedArchitecture.name(tensors: tensors.lazy.map(\.name))
    }
  }

  private mutating func add(_ file: TensorFile) throws {
    tensors.add(
      file, name: URL(fileURLWithPath: file.path).lastPathComponent,
      statistics: readsData ? try file.tensors.map { try TensorStatistics($0, of: file) } : [],
      digests: hashesData ? try file.tensors.map { try Self.digest($0, of: file) } : [])
    if let unread = file.unread { notes.append("\(FileError.shown(file.path)): \(unread)") }
    if !file.foreignObjects.isEmpty {
      notes.append(
        "\(FileError.shown(file.path)): objects of "
          + file.foreignObjects.map(TensorError.quoted).joined(separator: ", ")
          + " are not built")
    }
  }

  private static func digest(
    _ tensor: TensorDescription, of file: TensorFile
  ) throws -> String {
    var hasher = SHA256Hasher()
    try file.withBytes(of: tensor) { hasher.update($0) }
    return hasher.finalize().hex
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .number(let number): number.text
    case .bool(let flag): "\(flag)"
    case .null, .array, .object: nil
    }
  }
}
