import Capture
import Files

/// Doing the units of a stage, and what becomes of one that fails.
extension StudyMeasurement {
  /// Does the units of a stage one after the other; returns the names of those that failed.
  @discardableResult
  func perform(_ stage: StudyStage, _ work: [StageWork], done: Int) throws -> Set<String> {
    runner.events(.stageStarted(stage, units: work.count, done: done))
    let begun = ContinuousClock.now
    var failed: Set<String> = []
    for (index, unit) in work.enumerated() {
      let start = ContinuousClock.now
      runner.events(
        .unitStarted(unit.stage, unit: unit.unit, index: index + 1, of: work.count))
      do {
        try tried(unit)
        try CaptureError.storing { () throws(FileError) in
          try runner.failureRecords.remove(key: unit.key)
        }
        runner.events(
          .unitFinished(
            unit.stage, unit: unit.unit, index: index + 1, of: work.count,
            seconds: StageClock.seconds(start.duration(to: .now))))
      } catch {
        if let stored = error as? CaptureError, case .store = stored { throw error }
        let failure = unit.failed("\(error)")
        fail(failure)
        try runner.failureRecords.write(failure, key: unit.key)
        failed.insert(unit.unit)
      }
    }
    runner.events(
      .stageFinished(stage, seconds: StageClock.seconds(begun.duration(to: .now))))
    return failed
  }

  /// Does a unit; once more where a file changed while it was read, as a network file system or another
  /// run of the study may let it.
  func tried(_ unit: StageWork) throws {
    func once() throws {
      runner.clock.beginWork()
      try unit.body()
    }
    do {
      try once()
    } catch CaptureError.damagedArtifact(let path, let expected) {
      runner.events(.detail("\(path): expected \(expected); \(unit.unit) is tried again"))
      try once()
    } catch FileError.truncated(let path, _, _, _) {
      runner.events(.detail("\(path) changed while it was read; \(unit.unit) is tried again"))
      try once()
    }
  }

  func fail(_ unit: FailedUnit) {
    // Weights and activations of one damaged file fail for one reason: it is said once.
    guard !failures.contains(where: { $0.line == unit.line }) else { return }
    failures.append(unit)
    runner.events(.unitFailed(unit))
  }
}
