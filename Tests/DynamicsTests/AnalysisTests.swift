import Statistics
import Testing

@testable import Dynamics

/// What an analysis of complete data is, whatever the machine and the other rows.
@Suite struct AnalysisTests: SimulatedAnalysis {
  @Test func rowsAndClaimsAreTheSameOnAnyNumberOfThreads() throws {
    let table = try MeasurementTable(rows())
    let results = [1, 2, 5].map { threads in
      Analysis(
        table: table, runs: SimulatedSuite().runs,
        settings: AnalysisSettings(permutations: 99, resamples: 99, threads: threads), seed: 4
      ).result()
    }
    let tables = results.map { TableWriter.csv($0.associations) + Claim.json($0.claims) }
    #expect(tables[0] == tables[1])
    #expect(tables[0] == tables[2])
    let other = Analysis(
      table: table, runs: SimulatedSuite().runs,
      settings: AnalysisSettings(permutations: 99, resamples: 99), seed: 5
    ).result()
    #expect(TableWriter.csv(other.associations) != TableWriter.csv(results[0].associations))
    #expect(Claim.json(other.claims) == Claim.json(results[0].claims))
  }

  @Test func aRowDoesNotDependOnTheOthers() throws {
    let all = try result(rows())
    let alone = try result(
      rows().filter { $0.component == "mlp" && $0.metric != "cka" && $0.object != "gradients" })
    for row in alone.associations {
      let same = try #require(all.associations.first { $0.key == row.key })
      #expect(same.estimate == row.estimate && same.lower == row.lower && same.p == row.p)
    }
  }

  @Test func intervalsComeFromTheHalvesOfTheSequences() throws {
    let rows = try rows().filter { $0.run == "r0" }
    var generator = SeededGenerator(seed: 8)
    var replicates: [MeasurementKey: [Double]] = [:]
    let shifts = generator.gaussians(200).map { 0.01 * $0 }
    for row in rows where row.metric == "cka_debiased" {
      replicates[row.key] = shifts.map { row.value + $0 }
    }
    let result = try result(rows, replicates: replicates)
    let area = try #require(
      result.convergence.first {
        $0.curve.metric == "cka_debiased" && $0.measure == .area && $0.window == .all
      })
    // Every half shifts the whole curve: the area's interval is that of the shifts.
    let sorted = shifts.sorted()
    let center = try #require(mean(of: sorted))
    let low = try #require(quantile(0.025, ofSorted: sorted))
    #expect(abs((area.lower ?? .nan) - ((area.value ?? .nan) + low - center)) < 1e-12)
    let monotonicity = try #require(
      result.convergence.first {
        $0.curve == area.curve && $0.measure == .monotonicity && $0.window == .all
      })
    #expect(abs((monotonicity.lower ?? .nan) - (monotonicity.value ?? .nan)) < 1e-9)
    let biased = try #require(result.convergence.first { $0.curve.metric == "cka" })
    #expect(biased.lower == nil && biased.upper == nil)
  }

  @Test func evaluationsMeetTheirCheckpoints() throws {
    let steps = SimulatedSuite.steps
    var evaluations: [Evaluation] = []
    for run in SimulatedSuite().runs {
      for (index, step) in steps.enumerated() {
        evaluations.append(
          Evaluation(run: run.run, step: step, name: "lambada", value: Double(index * index)))
      }
    }
    evaluations.append(Evaluation(run: "r0", step: 77, name: "lambada", value: 1))
    let result = try result(rows(), evaluations: evaluations)
    let row = try #require(
      result.evaluationAssociations.first {
        $0.run.isEmpty && $0.component == "mlp" && $0.metric == "cka_debiased"
          && $0.method == .spearman
      })
    // Both rise all the time; the change at the final checkpoint has no similarity to go with.
    #expect(row.estimate > 0.9)
    #expect(row.n == 5 * (steps.count - 2))
    #expect(row.lower != nil && row.q != nil)
    #expect(result.leftOut.contains { $0.what == "evaluations" && $0.count == 1 })
  }

  /// The same values on two probes.
  private func onTwoProbes(_ rows: [Measurement]) throws -> AnalysisResult {
    try result(
      rows
        + rows.filter { !$0.probe.isEmpty }.map { row in
          var row = row
          row.probe = "q"
          return row
        })
  }

  @Test func twoProbesDecideC7() throws {
    let result = try onTwoProbes(
      rows {
        $0.layers = [12, 12, 16, 16, 16]
        $0.correlation = 0.95
      })
    #expect(try claim(result, .c3).verdict == .supported)
    let c7 = try claim(result, .c7)
    #expect(c7.verdict == .supported)
    #expect(c7.effect == 1)
    // Under another choice the claims that it compares are decided again, not carried over.
    let late = try #require(c7.sensitivity.first { $0.key == "late" })
    #expect(late.note != SensitivityEntry.untouched && late.n > 0)
    #expect((0...1).contains(try #require(late.effect)) && late.verdict != .notEnoughData)
    #expect(c7.sensitivity.first { $0.key == "cka" }?.note == SensitivityEntry.untouched)
    // The suite has no rows of the published layout.
    let layout = try #require(c7.sensitivity.first { $0.key == "published_layout" })
    #expect(layout.verdict == .notEnoughData && layout.note.hasPrefix("needs "))
    #expect(result.claims.filter { $0.id == .c1 }.map(\.figure) == ["claim-c1-p", "claim-c1-q"])
  }

  @Test func agreementOnNothingDecidedIsNoSupportForC7() throws {
    // All curves alike: no claim has anything to go by.
    let flat = try rows().map { row in
      var row = row
      if row.object == "activations", row.step < 1000 {
        row.value = 0.2 + Double(row.step) / 2000 + 1e-3 * Double((row.layer ?? 0) % 3)
      }
      return row
    }
    let result = try onTwoProbes(flat)
    #expect(
      [ClaimID.c1, .c2, .c3, .c4].allSatisfy { id in
        result.claims.filter { $0.id == id }.allSatisfy {
          $0.verdict == .inconclusive || $0.verdict == .notEnoughData
        }
      })
    let c7 = try claim(result, .c7)
    #expect(c7.verdict == .inconclusive && c7.effect == 1)
    #expect(c7.sentence.contains("No claim is decided"))
  }
}
