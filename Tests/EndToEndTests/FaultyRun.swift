import Dynamics
import Foundation
import Tensors

@testable import Studies

/// A copy of one of the runs of mini-pythia in which checkpoints are not what their names say.
struct FaultyRun {
  let folder: URL
  private var run: URL { folder.appending(path: "run") }

  /// Copies `name` into `folder`.
  init(_ name: String, in folder: URL) throws {
    self.folder = folder
    try FileManager.default.copyItem(
      at: Places.miniPythia.appending(path: name), to: folder.appending(path: "run"))
  }

  private func step(_ step: Int) -> URL { run.appending(path: "step\(step)") }

  func remove(_ step: Int) throws { try FileManager.default.removeItem(at: self.step(step)) }

  /// Puts the checkpoint of `run`'s step `source` where `step` is.
  func replace(_ step: Int, by source: Int, of run: String = "nano-seed0") throws {
    try remove(step)
    try FileManager.default.copyItem(
      at: Places.miniPythia.appending(path: "\(run)/step\(source)"), to: self.step(step))
  }

  /// Exchanges two steps.
  func exchange(_ a: Int, _ b: Int) throws {
    let aside = run.appending(path: "aside")
    try FileManager.default.moveItem(at: step(a), to: aside)
    try FileManager.default.moveItem(at: step(b), to: step(a))
    try FileManager.default.moveItem(at: aside, to: step(b))
  }

  /// Gives `step` the matrices `names` of step `source`, all of them if none is named, as float32 or
  /// with their bytes.
  func mix(_ names: [String], of source: Int, into step: Int, asFloat: Bool = false) throws {
    let (own, other) = (try open(step), try open(source))
    try write(step) { tensor in
      guard names.isEmpty || names.contains(tensor.name) else {
        return (tensor.type.rawValue, try bytes(tensor, own))
      }
      let taken = other.tensor(tensor.name) ?? tensor
      return asFloat
        ? ("F32", try other.floats(tensor.name).flatMap { withUnsafeBytes(of: $0, Array.init) })
        : (taken.type.rawValue, try bytes(taken, other))
    }
  }

  /// Turns the rows of the matrices of `step` around: the weights of no step of this run.
  func estrange(_ step: Int, only name: String? = nil) throws {
    let own = try open(step)
    try write(step) { tensor in
      let bytes = try self.bytes(tensor, own)
      guard tensor.shape.count == 2, name == nil || name == tensor.name else {
        return (tensor.type.rawValue, bytes)
      }
      let width = bytes.count / tensor.shape[0]
      return (
        tensor.type.rawValue,
        (0..<tensor.shape[0]).reversed().flatMap { bytes[$0 * width..<($0 + 1) * width] }
      )
    }
  }

  /// What the audit says of the run, in short: `512 identical_final 3000`.
  func findings(steps: [Int]? = nil) throws -> [String] {
    let list = steps.map { ", steps: \($0)" } ?? ""
    let file = folder.appending(path: "study.yaml")
    try "name: audited\nruns:\n  - {name: r, checkpoints: run\(list)}\n".write(
      to: file, atomically: true, encoding: .utf8)
    let runner = try StudyRunner(
      file: file.path, options: StudyOptions(threads: 2, command: "test")
    ) { _ in }
    let inventory = try StudyInspector.inspect(runner.study, shownAs: "study.yaml")
    let digests = try runner.hashedDigests(inventory)
    return try inventory.runs.flatMap { run in
      try RunAudit(run: run, inventory: inventory, digests: digests).findings().map {
        "\($0.step) \($0.finding)\($0.otherStep.map { " \($0)" } ?? "")"
      }
    }
  }

  private func open(_ step: Int) throws -> TensorFile {
    try TensorFile(self.step(step).appending(path: "model.safetensors").path)
  }

  private func bytes(_ tensor: TensorDescription, _ file: TensorFile) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try file.withBytes(of: tensor) { bytes += $0 }
    return bytes
  }

  /// Writes the file of `step` again, each tensor with the type and bytes that `content` gives.
  private func write(
    _ step: Int, _ content: (TensorDescription) throws -> (type: String, bytes: [UInt8])
  ) throws {
    var writer = SafetensorsWriter()
    for tensor in try open(step).tensors {
      let (type, bytes) = try content(tensor)
      writer.add(tensor.name, type, tensor.shape, bytes)
    }
    try writer.write(to: self.step(step).appending(path: "model.safetensors"))
  }
}
