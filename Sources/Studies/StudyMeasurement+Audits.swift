import Capture
import Checkpoints
import Dynamics

/// The audits of runs, before anything is measured.
extension StudyMeasurement {
  /// The audits that are made here.
  var runAudits: [RunAudit] {
    inventory.runs.filter { slice.audited.contains($0.name) }.map {
      RunAudit(run: $0, inventory: inventory, digests: digests, store: runner.store)
    }
  }

  /// The audit of every run, before anything is measured.
  func auditRuns() throws -> [AuditFinding] {
    let audits = runAudits
    let there = try present(audits.map(\.unit))
    let store = runner.store
    let work = audits.filter { !there.contains($0.unit.key) }.map { audit in
      StageWork(stage: .audit, unit: audit.run.name, key: audit.unit.key.description) {
        let findings = try self.runner.clock.measure(.audit) { try audit.findings() }
        try audit.write(findings, to: store)
      } failed: {
        audit.unit.failed($0)
      }
    }
    try perform(.audit, work, done: there.count)
    let found = try audits.flatMap { audit -> [AuditFinding] in
      guard let artifact = try store.artifact(audit.unit.key) else { return [] }
      return try AuditCoding.decode(
        artifact.bytes(AuditCoding.section), run: audit.run.name, file: artifact.path)
    }
    return try found
      + inventory.exported.flatMap {
        try ExportedAudit(run: $0, inventory: inventory, digests: digests).findings()
      }
  }

  func auditRecords() throws -> [UnitRecord] {
    try audits.compactMap { unit in
      guard let artifact = try runner.store.artifact(unit.key) else { return nil }
      let found = findings.count { $0.run == unit.checkpoint.run }
      return UnitRecord(
        unit,
        values: found > 0
          ? [UnitRecord.Rows(table: "audit", object: "", metric: "", rows: ""): found] : [:],
        origin: try UnitOrigin(of: artifact))
    }
  }
}
