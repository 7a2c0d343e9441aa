import Capture
import Dynamics
import Files
import Reporting

/// What of a report is there before it is made.
extension StudyRunner {
  /// The analysis and the figures of a report on `results`, which are asked for where the last report does
  /// not hold any more. Figures follow from an analysis that is there; writes nothing.
  func tellReport(to check: inout StudyCheck, _ results: () throws -> StudyResults) throws {
    guard let changed = check.report else {
      var counts: [StudyStage: Int] = [:]
      for artifact in try FinishedStamp.run(self).artifacts() {
        counts[artifact.key.kind == .analysis ? .analysis : .figures, default: 0] += 1
      }
      check.reportStages = StudyStage.allCases.compactMap { stage in
        counts[stage].map { StudyCheck.Stage(stage: stage, done: $0) }
      }
      return
    }
    // Nothing was reported yet: all of it is to do.
    guard !changed.isEmpty else { return }
    let units = try StudyReport(self).units(of: results())
    let older = try olderUnits(than: Set(units.map(\.unit.key)))
    var stages: [StudyStage: StudyCheck.Stage] = [:]
    for (unit, isThere) in units {
      var stage = stages[unit.stage] ?? StudyCheck.Stage(stage: unit.stage)
      if isThere {
        stage.done += 1
      } else {
        stage.missing += 1
        // The nearest of the earlier artifacts explains best what is new.
        let changes =
          (older[unit.name] ?? []).filter { $0.kind == unit.inputs.kind }
          .map { unit.inputs.changes(from: $0) }.min { $0.count < $1.count } ?? []
        if !changes.isEmpty { stage.stale[changes.joined(separator: ", "), default: 0] += 1 }
        check.reportPending.append(
          StudyCheck.Pending(stage: unit.stage, unit: unit.name, changed: changes))
      }
      stages[unit.stage] = stage
    }
    check.reportStages = StudyStage.allCases.compactMap { stages[$0] }
  }

  /// The inputs of earlier analyses and figures, by name.
  private func olderUnits(than planned: Set<ArtifactKey>) throws -> [String: [UnitInputs]] {
    var older: [String: [UnitInputs]] = [:]
    let there = try store.keys().filter { $0.kind.isOfReport && !planned.contains($0) }
    for key in there.sorted(by: { $0.hex < $1.hex }) {
      do {
        guard let artifact = try store.artifact(key) else { continue }
        older[artifact.unit, default: []].append(artifact.inputs)
      } catch {
        // A damaged artifact explains nothing, and no unit of the plan needs it.
        events(.detail("\(error)"))
      }
    }
    return older
  }
}

extension StudyReport {
  /// The analysis, and where it is there the figures too, each with whether it is there.
  func units(of results: StudyResults) throws -> [(unit: ReportUnit, isThere: Bool)] {
    let store = runner.store
    let (evaluations, hash) = try readEvaluations()
    let unit = ReportUnit(
      analysisOf: ResultsFolder.digests(of: results), evaluations: hash, of: study)
    guard let known = try artifacts?.findings(unit) else { return [(unit, false)] }
    let analysis = try analysis(of: results, evaluations).result(reusing: known)
    // No figure shows how the report came about.
    let report = Report(
      input(results, analysis, evaluations: evaluations, provenance: StudyProvenance()))
    return try [(unit, true)]
      + report.figureInputs().map { figure in
        let unit = ReportUnit(figure)
        return (unit, try store.contains(unit.key))
      }
  }
}
