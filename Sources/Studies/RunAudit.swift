import Capture
import Checkpoints
import Dynamics
import LanguageModels

/// The audit of one run's checkpoints (METHODS section 8), kept as an artifact: it reads every
/// analysed matrix of every step.
struct RunAudit {
  let run: StudyInventory.Run
  let inventory: StudyInventory
  let digests: [CheckpointName: TensorDigests]

  /// Everything that the findings depend on.
  var unit: StudyUnit {
    var entries = checkpoints.map { checkpoint, digests in
      UnitInputs.Entry(name: "step \(checkpoint.step)", value: digests.analysed)
    }
    entries.append(UnitInputs.Entry(name: "final", value: String(run.reference.step)))
    entries.append(UnitInputs.Entry(name: "named", value: Self.words(named)))
    entries.append(UnitInputs.Entry(name: "group's steps", value: Self.words(others)))
    return StudyUnit(
      CheckpointName(run: run.name, step: run.reference.step), stage: .audit,
      inputs: UnitInputs(.audit, entries: entries))
  }

  /// The findings, by reading the checkpoints.
  func findings() throws -> [AuditFinding] {
    let names = analysedNames
    let steps = checkpoints.map { checkpoint, digests in
      CheckpointAudit.Step(
        step: checkpoint.step, digests: digests.byTensor.filter { names.contains($0.key) },
        shapes: Dictionary(
          names.compactMap { name in checkpoint.weights.shape(of: name).map { (name, $0) } },
          uniquingKeysWith: { first, _ in first })
      ) { try checkpoint.weights.floats($0) }
    }
    let found = try CheckpointAudit(
      steps: steps, final: run.reference.step, named: named, others: others
    ).findings()
    return found.map {
      AuditFinding(
        run: run.name, step: $0.step, check: $0.check.rawValue, finding: $0.kind.rawValue,
        otherStep: $0.otherStep, excluded: $0.excluded, detail: $0.detail)
    }
  }

  private var checkpoints: [(ModelCheckpoint, TensorDigests)] {
    run.checkpoints.compactMap { checkpoint in
      digests[CheckpointName(run: run.name, step: checkpoint.step)].map { (checkpoint, $0) }
    }
  }

  private var analysedNames: Set<String> {
    Set(run.checkpoints.flatMap(\.analysedTensors))
  }

  private var named: [Int] { run.study.steps ?? [] }

  /// The steps of the other runs of its group.
  private var others: [Int] {
    guard let group = run.study.group else { return [] }
    let steps = inventory.runs.filter { $0.name != run.name && $0.study.group == group }
      .flatMap { $0.checkpoints.map(\.step) }
    return Set(steps).sorted()
  }

  private static func words(_ steps: [Int]) -> String {
    steps.map(String.init).joined(separator: " ")
  }
}

/// Findings as the bytes of an artifact's section.
enum AuditCoding {
  static let section = "findings"

  /// As a table: the run's own name is taken off, since an artifact belongs to contents.
  static func encode(_ findings: [AuditFinding]) -> [UInt8] {
    Array(
      TableWriter.csv(
        findings.map { finding in
          var finding = finding
          finding.run = "run"
          return finding
        }
      ).utf8)
  }

  static func decode(_ bytes: [UInt8], run: String, file: String) throws -> [AuditFinding] {
    try AuditFinding.read(csv: bytes, file: file).map { finding in
      var finding = finding
      finding.run = run
      return finding
    }
  }
}
