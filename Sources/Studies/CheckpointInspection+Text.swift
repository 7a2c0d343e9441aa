import Foundation

extension CheckpointInspection {
  /// The contract's JSON (DESIGN, "Contracts"), and for a run its steps.
  package var json: String { JSONText.document(document) }

  /// Hands `json` over piece by piece, so that a million tensors are never one text.
  package func writeJSON(_ write: @escaping (String) -> Void) {
    JSONText.write(document, to: write)
  }

  private var document: JSONText.Value {
    let tensors = tensors
    var fields: [(String, JSONText.Value)] = [
      ("path", .text(path)), ("kind", .text(kind)),
      ("tensors", .made(tensors.count) { Self.json(tensors[$0]) }),
      ("architecture", .text(architecture)),
      ("missing", .list(missing.map { .text($0) })),
    ]
    if !steps.isEmpty {
      fields.append(
        (
          "steps",
          .list(
            steps.map {
              .object([("step", .integer($0.step)), ("obstacle", .text($0.obstacle))])
            })
        ))
    }
    return .object(fields)
  }

  private static func json(_ tensor: Tensor) -> JSONText.Value {
    var fields: [(String, JSONText.Value)] = [
      ("name", .text(tensor.name)), ("dtype", .text(tensor.type)),
      ("shape", .list(tensor.shape.map { .integer($0) })), ("file", .text(tensor.file)),
    ]
    if let statistics = tensor.statistics {
      fields.append(("finite_share", .number(statistics.finiteShare)))
      fields.append(("norm", .number(statistics.norm)))
      if let constant = statistics.constant { fields.append(("constant", .number(constant))) }
    }
    if let digest = tensor.digest { fields.append(("sha256", .text(digest))) }
    return .object(fields)
  }

  /// For a person, one line each.
  package func forEachLine(_ write: (String) -> Void) {
    write("\(path): \(kind)")
    if let architecture { write("  architecture: \(architecture)") }
    for member in configuration where member.name != "model_type" {
      write("  \(member.name): \(member.value)")
    }
    for step in steps { write("  step \(step.step)" + (step.obstacle.map { ": \($0)" } ?? "")) }
    let width = min(60, tensors.lazy.map(\.name.count).max() ?? 0)
    for tensor in tensors {
      let isLong = tensor.name.utf8.count > 120 && tensor.name.count > 120
      let name = isLong ? tensor.name.prefix(120) + "…" : tensor.name[...]
      let shape =
        tensor.shape.isEmpty ? "scalar" : tensor.shape.map(String.init).joined(separator: " x ")
      let gap = String(repeating: " ", count: max(0, width - name.count))
      write("  \(name)\(gap)  \(tensor.type)  \(shape)" + Self.words(tensor))
    }
    for name in missing { write("  missing: \(name)") }
    for note in notes { write("  note: \(note)") }
  }

  private static func words(_ tensor: Tensor) -> String {
    let digest = tensor.digest.map { "  sha256 \($0)" } ?? ""
    guard let statistics = tensor.statistics else { return digest }
    var words = digest + "  norm \(short(statistics.norm))"
    if statistics.finiteShare < 1 {
      words += "  NOT FINITE: \(short(100 * (1 - statistics.finiteShare))) %"
    }
    if let constant = statistics.constant, tensor.shape.reduce(1, *) > 1 {
      words += constant == 0 ? "  all zero" : "  constant \(short(constant))"
    }
    return words
  }

  private static func short(_ value: Double) -> String { String(format: "%.6g", value) }
}
