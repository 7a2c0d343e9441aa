import Statistics
import Testing

@testable import Dynamics

/// Analyses of one simulated suite, or of a part of it.
protocol SimulatedAnalysis {}

extension SimulatedAnalysis {
  func rows(_ change: (inout SimulatedSuite) -> Void = { _ in }) throws -> [Measurement] {
    var suite = SimulatedSuite()
    change(&suite)
    var generator = SeededGenerator(seed: 3)
    return try suite.table(&generator).rows
  }

  func result(
    _ rows: [Measurement], runs: [RunDescription] = SimulatedSuite().runs,
    audit: [AuditFinding] = [], policy: AuditPolicy = .drop, evaluations: [Evaluation] = [],
    replicates: [MeasurementKey: [Double]] = [:]
  ) throws -> AnalysisResult {
    Analysis(
      table: try MeasurementTable(rows), runs: runs, audit: audit,
      settings: AnalysisSettings(audit: policy, permutations: 49, resamples: 50), seed: 9,
      replicates: replicates, evaluations: evaluations
    ).result()
  }

  func claim(_ result: AnalysisResult, _ id: ClaimID) throws -> Claim {
    try #require(result.claims.first { $0.id == id })
  }
}
