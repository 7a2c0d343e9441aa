import Capture
import Dynamics
import Files
import Reporting
import Synchronization

/// The analysis and the figures of a report as artifacts: each is found under the hash of what goes into
/// it, or made and kept. A damaged one is told, and made again.
final class ReportArtifacts: Sendable {
  private let runner: StudyRunner
  private let state = Mutex(State())

  private struct State {
    var used: [ReportUnit: UnitRecord] = [:]
    /// When the making of a figure began.
    var begun: [ReportUnit: ContinuousClock.Instant] = [:]
  }

  static let section = "result"

  init(_ runner: StudyRunner) { self.runner = runner }

  /// What the report is made of, the analysis first.
  var used: [(unit: ReportUnit, record: UnitRecord)] {
    state.withLock { $0.used }.map { ($0.key, $0.value) }.sorted {
      ($0.0.stage == .analysis ? 0 : 1, $0.0.name) < ($1.0.stage == .analysis ? 0 : 1, $1.0.name)
    }
  }

  /// The result of `analysis`, with what takes time from its artifact where there is one.
  func result(_ analysis: Analysis, _ unit: ReportUnit) throws -> AnalysisResult {
    if let known = try findings(unit) { return counted(analysis.result(reusing: known), unit) }
    runner.clock.beginWork()
    let result = runner.clock.measure(.analysis) { analysis.result() }
    try store(unit, RecordEncoder.bytes(of: result.findings), runner.store)
    return counted(result, unit)
  }

  /// What an earlier analysis found; `nil` where there is none.
  func findings(_ unit: ReportUnit) throws -> AnalysisFindings? {
    guard let record = try stored(unit) else { return nil }
    do {
      return try RecordDecoder.value(AnalysisFindings.self, from: record)
    } catch let error as RecordDecoder.Malformed {
      runner.events(.note("\(runner.store.path(of: unit.key)): \(error); analysed again"))
      return nil
    }
  }

  /// Figures by what they show.
  var figures: FigureCache {
    FigureCache { [self] inputs in
      let unit = ReportUnit(inputs)
      let record = try stored(unit)
      if record == nil { state.withLock { $0.begun[unit] = .now } }
      return record
    } store: { [self] inputs, record in
      let unit = ReportUnit(inputs)
      let begun = state.withLock { $0.begun[unit] ?? .now }
      let seconds = StageClock.seconds(begun.duration(to: .now))
      // Several at once: their times do not add up to that of the stage.
      let spent = StageClock.Unit(seconds: seconds, stages: [])
      try store(unit, record, runner.store(noting: { _ in spent }))
    }
  }

  private func stored(_ unit: ReportUnit) throws -> [UInt8]? {
    do {
      guard let artifact = try runner.store.artifact(unit.key) else { return nil }
      let record = try artifact.bytes(Self.section)
      note(unit, origin: try UnitOrigin(of: artifact))
      return record
    } catch {
      let again = unit.stage == .analysis ? "analysed" : "drawn"
      runner.events(.note("\(error); \(unit.name) is \(again) again"))
      return nil
    }
  }

  private func store(_ unit: ReportUnit, _ record: [UInt8], _ store: ArtifactStore) throws {
    try store.write(unit.inputs, unit: unit.name) { try $0.add(record, section: Self.section) }
    note(unit, origin: try store.artifact(unit.key).flatMap { try UnitOrigin(of: $0) })
  }

  private func note(_ unit: ReportUnit, origin: UnitOrigin?) {
    state.withLock { $0.used[unit] = UnitRecord(unit, values: [:], origin: origin) }
  }

  private func counted(_ result: AnalysisResult, _ unit: ReportUnit) -> AnalysisResult {
    var values: [UnitRecord.Rows: Int] = [:]
    for (table, count) in [
      ("convergence", result.convergence.count), ("associations", result.associations.count),
      ("evaluation_associations", result.evaluationAssociations.count),
      ("claims", result.claims.count),
    ] where count > 0 {
      values[UnitRecord.Rows(table: table, object: "", metric: "", rows: "")] = count
    }
    state.withLock { state in
      state.used[unit] = UnitRecord(unit, values: values, origin: state.used[unit]?.origin)
    }
    return result
  }
}
