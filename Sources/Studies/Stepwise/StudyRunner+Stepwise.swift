package import Fetching

extension StudyRunner {
  /// What a stepwise measurement came to.
  package struct Stepwise: Sendable {
    package let fetched: Fetcher.Outcome
    /// Bytes that were removed once they were measured.
    package let freed: Int
    package let outcome: StudyOutcome
  }

  /// After how many further steps a measured one leaves the disk.
  package static let stepwiseReach = StepwiseMeasurement.reach

  /// Fetches what `plans` list, measures it step by step and removes it: what reads weights is done then,
  /// and a run needs none of them.
  package func fetchKeepingCaptures(_ plans: [FetchPlan], by fetcher: Fetcher) throws -> Stepwise {
    var result = StepwiseMeasurement.Outcome()
    let outcome = try logging { runner in
      let measurement = StepwiseMeasurement(runner, fetcher, plans)
      try measurement.measure()
      result = measurement.outcome
      return StudyOutcome(
        failures: result.failures, indexPath: nil, exitCode: runner.exitCode(result.failures))
    }
    return Stepwise(fetched: result.fetched, freed: result.freed, outcome: outcome)
  }
}
