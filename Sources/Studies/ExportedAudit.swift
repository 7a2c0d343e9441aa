import Capture
import Checkpoints
import Dynamics
import Tensors

/// The audit of a run that was exported: which steps hold the same matrices, and which are missing
/// (METHODS section 8). Weights may be there or not and activations take no way, so nothing is followed
/// from step to step. Made of digests that are known, so it is no unit of its own.
struct ExportedAudit {
  let run: ExportedRun
  let inventory: StudyInventory
  let digests: [CheckpointName: TensorDigests]

  func findings() throws -> [AuditFinding] {
    guard case .steps(let steps) = run.content else { return [] }
    let hashed = steps.compactMap { step in
      digests[CheckpointName(run: run.name, step: step.step)].map { (step, $0.byTensor) }
    }
    // Only what every step has can be compared.
    let named = hashed.map { Self.matrices(of: $0.0) }
    let common = named.dropFirst().reduce(Set(named.first.map { Array($0.keys) } ?? [])) {
      $0.intersection($1.keys)
    }
    let audited = zip(hashed, named).map { hashed, matrices in
      let kept = matrices.filter { common.contains($0.key) }
      return CheckpointAudit.Step(
        step: hashed.0.step,
        digests: kept.compactMapValues {
          hashed.1[ExportedMeasurement.prefix(of: $0.file) + $0.tensor.name]
        }, shapes: kept.mapValues(\.tensor.shape)
      ) { name in try kept[name]?.floats() ?? [] }
    }
    return try CheckpointAudit(
      steps: audited, final: run.final, named: run.study.steps ?? [],
      alsoThere: steps.map(\.step) + failed, followsLineage: false
    ).findings().map {
      AuditFinding(
        run: run.name, step: $0.step, check: $0.check.rawValue, finding: $0.kind.rawValue,
        otherStep: $0.otherStep, excluded: $0.excluded, detail: $0.detail)
    }
  }

  /// Steps that were refused or not found: they have a line of their own.
  private var failed: [Int] {
    inventory.failures.filter { $0.run == run.name }.map(\.step)
  }

  /// Weights and activations by a name that is the same at every step.
  private static func matrices(of step: ExportedStep) -> [String: ExportedMatrix] {
    var matrices: [String: ExportedMatrix] = [:]
    for (name, matrix) in step.weights {
      matrices["weights of layer \(name.layer), \(name.role.rawValue)"] = matrix
    }
    for capture in step.captures {
      for (name, matrix) in capture.activations {
        matrices["\(capture.probe): activations of layer \(name.layer), \(name.role.rawValue)"] =
          matrix
      }
    }
    return matrices
  }
}
