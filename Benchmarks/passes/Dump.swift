import Foundation
import LanguageModels
import LinearAlgebra

/// Writes what a pass computes as raw float32 files: `LAYER.HOOK`, `gradient.PARAMETER` and, as
/// float64, `loss`.
struct Dump {
  let folder: String

  func run(_ stored: StoredModel, sequences: Int) throws {
    let batch = stored.batch.selecting(0..<min(sequences, stored.batch.sequences))
    var rows: [String: [Float]] = [:]
    let result = try stored.model.gradients(
      batch,
      observing: Observation(
        hooks: Set(HookPoint.allCases), positions: Array(0..<batch.length)),
      lanes: Lanes(width: ProcessInfo.processInfo.activeProcessorCount)
    ) { seen in
      for (hook, matrix) in seen.rows {
        rows["\(seen.layer).\(hook.rawValue)", default: []] += matrix.elements
      }
    } receiver: { part in
      for (name, gradient) in part.gradients { try write(gradient, "gradient.\(name)") }
    }
    for (name, elements) in rows { try write(elements, name) }
    try write([result.loss], "loss")
  }

  private func write<Scalar: BitwiseCopyable>(_ elements: [Scalar], _ name: String) throws {
    let bytes = elements.withUnsafeBytes { Data($0) }
    try bytes.write(to: URL(filePath: "\(folder)/\(name)"))
  }
}
