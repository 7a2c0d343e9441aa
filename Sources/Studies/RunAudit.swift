import Capture
import Checkpoints
import Dynamics
import LanguageModels

/// The audit of one run's checkpoints (METHODS section 8), kept as an artifact: it reads every matrix
/// of every step, the embeddings and those of the MLP's first half included, since the activations
/// depend on all of them.
struct RunAudit {
  let run: StudyInventory.Run
  let inventory: StudyInventory
  let digests: [CheckpointName: TensorDigests]
  /// Where distances are that were measured before weights were removed.
  var store: ArtifactStore?

  /// Everything that the findings depend on.
  var unit: StudyUnit {
    var entries = checkpoints.map { checkpoint, digests in
      UnitInputs.Entry(name: "step \(checkpoint.step)", value: digests.all)
    }
    entries.append(UnitInputs.Entry(name: "final", value: String(final)))
    entries.append(UnitInputs.Entry(name: "named", value: Self.words(named)))
    entries.append(UnitInputs.Entry(name: "group's steps", value: Self.words(others)))
    for (step, difference) in run.unlike.sorted(by: { $0.key < $1.key }) {
      entries.append(UnitInputs.Entry(name: "unlike \(step)", value: difference))
    }
    entries.append(UnitInputs.Entry(name: "unreadable", value: Self.words(run.unreadable)))
    return StudyUnit(
      CheckpointName(run: run.name, step: run.reference.step), stage: .audit,
      inputs: UnitInputs(.audit, entries: entries))
  }

  /// The findings, by reading the checkpoints.
  func findings() throws -> [AuditFinding] {
    let steps = checkpoints.map { checkpoint, digests in
      let matrices = Self.matrices(of: checkpoint)
      return CheckpointAudit.Step(
        step: checkpoint.step, digests: matrices.compactMapValues { digests.byTensor[$0] },
        shapes: matrices.compactMapValues { checkpoint.weights.shape(of: $0) }
      ) { name in try checkpoint.weights.floats(matrices[name] ?? name) }
    }
    let found = try CheckpointAudit(
      steps: steps, final: final, named: named, others: others,
      alsoThere: run.unreadable + run.unlike.keys, known: try moves()
    ).findings()
    let unlike = run.unlike.map { step, difference in
      CheckpointFinding(
        step: step, check: .shape, kind: .otherShape, otherStep: final, excluded: true,
        detail: "step \(step) holds another model: \(difference)")
    }
    return (found + unlike).sorted { $0.step < $1.step }.map {
      AuditFinding(
        run: run.name, step: $0.step, check: $0.check.rawValue, finding: $0.kind.rawValue,
        otherStep: $0.otherStep, excluded: $0.excluded, detail: $0.detail)
    }
  }

  /// What was measured of steps whose weights are not there any more.
  private func moves() throws -> [String: MatrixMoves] {
    guard let store, checkpoints.contains(where: { $0.0.isRemoved }) else { return [:] }
    return try MeasuredMoves(store: store).among(checkpoints)
  }

  private var checkpoints: [(ModelCheckpoint, TensorDigests)] {
    run.checkpoints.compactMap { checkpoint in
      digests[CheckpointName(run: run.name, step: checkpoint.step)].map { (checkpoint, $0) }
    }
  }

  /// The names of a checkpoint's matrices, by one name each: GPT-NeoX's output embedding has two.
  static func matrices(of checkpoint: ModelCheckpoint) -> [String: String] {
    Dictionary(
      checkpoint.model.parameters.filter { $0.shape.count == 2 }.map {
        ($0.name == "lm_head.weight" ? "embed_out.weight" : $0.name, $0.name)
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The run's own last word: where it is compared with another run's checkpoint, its last step.
  private var final: Int {
    run.reference.run == run.name
      ? run.reference.step : run.checkpoints.last?.step ?? run.reference.step
  }

  private var named: [Int] { run.study.steps ?? [] }

  /// The steps of the other runs of its group.
  private var others: [Int] {
    guard let group = run.study.group else { return [] }
    let steps = inventory.runs.filter { $0.name != run.name && $0.study.group == group }
      .flatMap { $0.checkpoints.map(\.step) }
    return Set(steps).sorted()
  }

  /// Keeps the findings as the unit's artifact.
  func write(_ findings: [AuditFinding], to store: ArtifactStore) throws {
    try store.write(unit.inputs, unit: unit.name) {
      try $0.add(AuditCoding.encode(findings), section: AuditCoding.section)
    }
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
