import Capture
import Checkpoints
import Files
import Foundation
import LinearAlgebra
import Tensors

/// What is in a checkpoint, an artifact, an array or an archive of tensors: `tend inspect`.
package struct CheckpointInspection: Sendable {
  package struct Tensor: Sendable {
    package let name: String
    package let type: String
    package let shape: [Int]
    package let file: String
    /// The share of elements that are finite, and the Frobenius norm of those; with statistics.
    package var finiteShare: Double?
    package var norm: Double?
  }

  package let path: String
  /// `checkpoint`, `run`, `safetensors`, `pytorch`, `npy`, `artifact`.
  package let kind: String
  package var tensors: [Tensor] = []
  /// What the configuration says, in its own words; empty without one.
  package var architecture: [(name: String, value: String)] = []
  /// Parameters that the configuration asks for and that are not there.
  package var missing: [String] = []
  /// For a run: its steps, with what keeps each from being read.
  package var steps: [(step: Int, obstacle: String?)] = []

  /// Looks at `path`: headers alone, or with `statistics` the data as well.
  package init(path: String, statistics: Bool) throws {
    self.path = path
    do {
      switch Folder.kind(of: path) {
      case .missing: throw FileError.system(action: "find", path: path, code: ENOENT)
      case .other: throw FileError.notRegular(path: path, kind: "a device or pipe")
      case .folder:
        kind = try Self.inspectFolder(
          path, statistics: statistics, into: &tensors, &architecture, &missing, &steps)
      case .file: kind = try Self.inspectFile(path, statistics: statistics, into: &tensors)
      }
    } catch {
      throw StudyError.invalid(file: path, [StudyFinding("\(error)")])
    }
  }

  private static func inspectFolder(
    _ path: String, statistics: Bool, into tensors: inout [Tensor],
    _ architecture: inout [(name: String, value: String)], _ missing: inout [String],
    _ steps: inout [(step: Int, obstacle: String?)]
  ) throws -> String {
    let names = try Folder.names(in: path)
    guard names.contains("config.json") || names.contains(where: { $0.hasSuffix(".safetensors") })
    else {
      steps = try RunFolder(path).entries.map { ($0.step, $0.obstacle) }
      guard !steps.isEmpty else {
        throw CheckpointError.unreadable(
          folder: path, reason: "holds neither a checkpoint nor stepN folders")
      }
      return "run"
    }
    let checkpoint = try Checkpoint(folder: path, step: 0)
    for file in checkpoint.weights.files {
      tensors += try Self.tensors(of: file, statistics: statistics)
    }
    tensors.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for member in checkpoint.configuration.members ?? [] {
      guard let value = Self.text(member.value) else { continue }
      architecture.append((member.name, value))
    }
    let there = Set(tensors.map(\.name))
    missing = ModelCheckpoint.parameterNames(checkpoint).filter { !there.contains($0) }
    return "checkpoint"
  }

  private static func inspectFile(
    _ path: String, statistics: Bool, into tensors: inout [Tensor]
  ) throws -> String {
    if path.hasSuffix(".npy") {
      let file = try NumPyFile(path)
      var tensor = Tensor(
        name: "array", type: "\(file.type.letter)\(file.type.size)", shape: file.shape,
        file: path)
      if statistics { measure(try file.doubles(), into: &tensor) }
      tensors = [tensor]
      return "npy"
    }
    if let artifact = try? Artifact(path: path) {
      for name in artifact.matrixNames {
        let matrix = try artifact.matrix(name)
        var tensor = Tensor(
          name: name, type: "F32", shape: [matrix.rows, matrix.columns], file: path)
        if statistics { measure(matrix.elements.map(Double.init), into: &tensor) }
        tensors.append(tensor)
      }
      return "artifact"
    }
    let file = try TensorFile(path)
    tensors = try Self.tensors(of: file, statistics: statistics)
    return "\(file.format)"
  }

  private static func tensors(of file: TensorFile, statistics: Bool) throws -> [Tensor] {
    try file.tensors.map { description in
      var tensor = Tensor(
        name: description.name, type: description.type.rawValue, shape: description.shape,
        file: URL(fileURLWithPath: file.path).lastPathComponent)
      if statistics { measure(try file.floats(description.name).map(Double.init), into: &tensor) }
      return tensor
    }
  }

  /// Sums in Double, over the elements that are finite.
  private static func measure(_ values: [Double], into tensor: inout Tensor) {
    let finite = values.filter(\.isFinite)
    tensor.finiteShare = values.isEmpty ? 1 : Double(finite.count) / Double(values.count)
    tensor.norm = finite.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .number(let number): number.text
    case .bool(let flag): "\(flag)"
    case .null, .array, .object: nil
    }
  }

  /// The contract's JSON (DESIGN, "Contracts").
  package var json: String {
    JSONText.document(
      .object([
        ("path", .text(path)), ("kind", .text(kind)),
        (
          "tensors",
          .list(
            tensors.map { tensor in
              var fields: [(String, JSONText.Value)] = [
                ("name", .text(tensor.name)), ("dtype", .text(tensor.type)),
                ("shape", .list(tensor.shape.map { .integer($0) })), ("file", .text(tensor.file)),
              ]
              if let share = tensor.finiteShare { fields.append(("finite_share", .number(share))) }
              if let norm = tensor.norm { fields.append(("norm", .number(norm))) }
              return .object(fields)
            })
        ),
        ("architecture", .object(architecture.map { ($0.name, .text($0.value)) })),
        ("missing", .list(missing.map { .text($0) })),
        (
          "steps",
          .list(
            steps.map {
              .object([("step", .integer($0.step)), ("obstacle", .text($0.obstacle))])
            })
        ),
      ]))
  }

  /// For a person, one line each.
  package var lines: [String] {
    var lines = ["\(path): \(kind)"]
    lines += architecture.map { "  \($0.name): \($0.value)" }
    for step in steps {
      lines.append("  step \(step.step)" + (step.obstacle.map { ": \($0)" } ?? ""))
    }
    let width = min(60, tensors.map(\.name.count).max() ?? 0)
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: " x ")
      var line =
        "  "
        + tensor.name.padding(toLength: max(width, tensor.name.count), withPad: " ", startingAt: 0)
        + "  \(tensor.type)  \(shape)"
      if let norm = tensor.norm { line += "  norm \(Self.short(norm))" }
      if let share = tensor.finiteShare, share < 1 { line += "  finite \(Self.short(share))" }
      lines.append(line)
    }
    lines += missing.map { "  missing: \($0)" }
    return lines
  }

  private static func short(_ value: Double) -> String { String(format: "%.6g", value) }
}
