import Statistics
import Testing

@testable import Dynamics

/// What a study may lack, and what the claims say then.
@Suite struct IncompleteDataTests: SimulatedAnalysis {
  private func needs(_ result: AnalysisResult, _ id: ClaimID) throws -> [String] {
    let claim = try claim(result, id)
    #expect(claim.verdict == .notEnoughData)
    #expect(claim.sentence.hasPrefix("Not enough data: needs "))
    return claim.needs
  }

  @Test func aWholeSuiteDecidesWhatItCan() throws {
    let result = try result(rows())
    for id in [ClaimID.c1, .c2, .c3, .c4, .c5] {
      #expect(try claim(result, id).verdict != .notEnoughData)
    }
    #expect(result.alarms.allSatisfy { $0.kind != "non_finite" })
  }

  @Test func oneRunNeedsMore() throws {
    let result = try result(rows().filter { $0.run == "r4" }, runs: [SimulatedSuite().runs[4]])
    #expect(try needs(result, .c1) == ["at least 4 sizes (has 1)"])
    #expect(try needs(result, .c2) == ["at least 4 sizes (has 1)"])
    #expect(
      try needs(result, .c3) == ["at least 4 runs of 5 layers or more with MLP and OV (has 1)"])
    #expect(
      try needs(result, .c4) == ["at least 4 runs of 4 layers or more with MLP and OV (has 1)"])
    #expect(try needs(result, .c5) == ["at least 4 sizes (has 1)"])
    #expect(
      try needs(result, .c6) == ["runs with an intervention (arm:) beside their baseline"])
    // Its own rows stand all the same, marked as descriptive.
    let own = result.associations.filter { $0.key.run == "r4" }
    #expect(!own.isEmpty && own.allSatisfy { $0.isDescriptive && $0.p != nil && $0.q == nil })
  }

  /// With a value on each side of a fifth of training, and with none behind it.
  @Test(arguments: [[0, 500, 1000], [0, 100, 1000]])
  func threeCheckpointsNeedMore(steps: [Int]) throws {
    let result = try result(rows().filter { steps.contains($0.step) })
    #expect(
      try needs(result, .c1)
        == ["debiased CKA of MLP and OV at 4 checkpoints or more before the final one"])
    #expect(
      try needs(result, .c2)
        == ["debiased CKA of MLP and OV at 4 checkpoints or more before the final one"])
    for id in [ClaimID.c3, .c4] {
      #expect(
        try needs(result, id)
          == ["debiased CKA of MLP and OV at 4 checkpoints or more before the final one"])
    }
    #expect(
      try needs(result, .c5) == [
        "PER of MLP weights, OV weights by head, MLP gradients and OV gradients by head "
          + "at 4 checkpoints or more"
      ])
    // `at_0.2` alone is taken of so short a curve.
    let similarity = result.convergence.filter(\.curve.isSimilarity)
    #expect(Set(similarity.map(\.measure)) == (steps[1] == 500 ? [.at] : []))
    #expect(result.leftOut.contains { $0.what == "curves" && $0.count == 216 })
  }

  @Test func oneLayerNeedsMore() throws {
    let one = try rows { $0.layers = [2, 2, 2, 2, 2] }.filter { $0.layer == 0 }
    let result = try result(one, runs: SimulatedSuite(layers: [1, 1, 1, 1, 1]).runs)
    #expect(
      try needs(result, .c3) == [
        "at least 4 runs of 5 layers or more with MLP and OV (has 0, 5 with fewer layers)"
      ])
    #expect(
      try needs(result, .c4) == [
        "at least 4 runs of 4 layers or more with MLP and OV (has 0, 5 with fewer layers)"
      ])
    // A share or a median over layers is none of a single one.
    for id in [ClaimID.c1, .c2] {
      #expect(
        try needs(result, id) == [
          "debiased CKA of MLP and OV in at least 2 layers at 4 sizes or more (has 0 of 5)"
        ])
    }
    #expect(
      try needs(result, .c5) == [
        "PER of MLP weights, OV weights by head, MLP gradients and OV gradients by head "
          + "in at least 2 layers at 4 sizes or more (has 0 of 5)"
      ])
  }

  @Test func equalRanksNeedOnesThatDiffer() throws {
    let flat = try rows().map { row in
      var row = row
      if row.metric == "per" { row.value = 0.5 }
      return row
    }
    let result = try result(flat)
    #expect(
      try needs(result, .c3) == [
        "at least 4 runs of 5 layers or more with MLP and OV (has 0, 5 with equal values in all layers)"
      ])
    #expect(
      try needs(result, .c5) == [
        "PER that differs between sizes, in MLP weights, OV weights, MLP gradients and OV gradients"
      ])
  }

  @Test func missingValuesAreCountedAndRaised() throws {
    let broken = try rows().map { row in
      var row = row
      if row.run == "r1", row.layer == 2, row.metric == "cka_debiased", row.component == "mlp",
        row.step > 64
      {
        row.value = .nan
      }
      if row.run == "r2", row.metric == "per", row.layer == 1, row.component == "mlp",
        row.object == "weights"
      {
        row.value = .infinity
      }
      return row
    }
    let result = try result(broken)
    #expect(
      result.leftOut.contains {
        $0.run == "r1" && $0.count == 8 && $0.reason == "missing or not finite"
      })
    let alarm = try #require(
      result.alarms.first { $0.kind == "non_finite" && $0.run == "r1" })
    #expect(alarm.layers == [2])
    #expect(alarm.steps == [100, 150, 200, 300, 500, 700, 850, 1000])
    #expect(
      result.leftOut.contains { $0.what == "layers" && $0.run == "r2" && $0.count == 1 })
    // A loss that is missing is no layer's value and counted all the same.
    let losses = [0, 500, 1000].map { step in
      Measurement(
        run: "r3", step: step, layer: nil, head: nil, component: "model", object: "loss",
        metric: "loss", variant: "default", rows: "all", probe: "p",
        value: step == 500 ? .nan : 9 - Double(step) / 500, lower: nil, upper: nil, n: nil)
    }
    #expect(
      try self.result(rows() + losses).leftOut.contains {
        $0.run == "r3" && $0.detail == "loss" && $0.count == 1
      })
    // The rest decides.
    #expect(try claim(result, .c3).verdict != .notEnoughData)
    #expect(!Claim.json(result.claims).lowercased().contains("nan"))
  }

  @Test func whatManyRunsMissIsSaidOnce() {
    let entries = ["a", "b", "c"].map {
      LeftOut(
        what: "checkpoints", run: $0, reason: "not shared", count: $0 == "c" ? 1 : 2,
        detail: $0 == "c" ? "step 5" : "steps 5, 7")
    }
    #expect(
      LeftOut.sentences(entries) == [
        "2 checkpoints each of 2 runs left out: not shared (steps 5, 7). The runs: a and b.",
        "1 checkpoint of run c left out: not shared (step 5).",
      ])
    let gaps = [("a", 4), ("b", 3)].map {
      LeftOut(
        what: "values", run: $0.0, reason: "missing", count: $0.1, detail: "PER of MLP weights")
    }
    #expect(
      LeftOut.sentences(gaps) == [
        "7 values of 2 runs left out: missing (PER of MLP weights): a 4, b 3."
      ])
    let measures = [("area", 2), ("monotonicity", 1)].map {
      LeftOut(what: "measures", reason: "not defined", count: $0.1, detail: $0.0)
    }
    #expect(
      LeftOut.sentences(measures) == ["3 measures left out: not defined: area 2, monotonicity 1."])
  }

  /// The same runs once more, the largest called the smallest: what one ladder says the other denies.
  @Test func anAnswerThatAnotherLadderDeniesSaysSo() throws {
    let rows = try rows { $0.rankPerDecade = 0.1 }
    let mirrored = rows.map { row in
      var row = row
      row.run = "s" + row.run.dropFirst()
      return row
    }
    let runs = SimulatedSuite().runs
    let others = zip(runs, runs.reversed()).map { own, other in
      RunDescription(
        run: "s" + own.run.dropFirst(), parameters: other.parameters, layers: own.layers,
        group: "mirror")
    }
    let c5 = try claim(result(rows + mirrored, runs: runs + others), .c5)
    #expect(c5.verdict == .supported)
    #expect(c5.sentence.hasSuffix("Group mirror by itself: contradicted."))
    #expect(c5.notes.contains { $0.hasPrefix("Group mirror: contradicted (−") })
    #expect(c5.notes.contains { $0.hasSuffix("the first by name of those with most sizes.") })
    let alone = try claim(result(rows, runs: runs), .c5)
    #expect(!alone.sentence.contains("by itself") && alone.effect == c5.effect)
  }

  @Test func everyMechanismHasItsConditionBesideItsClaims() throws {
    let result = try result(rows())
    let small = try #require(try claim(result, .c5).breakCondition)
    for id in [ClaimID.c1, .c2, .c6] {
      #expect(try claim(result, id).breakCondition?.mechanism == small.mechanism)
    }
    #expect(small.outcome == .untested)
    #expect(try claim(result, .c7).breakCondition == nil)
  }

  @Test func anEmptyTableNeedsEverything() throws {
    let result = try result([], runs: [])
    #expect(result.claims.count == 7)
    #expect(result.claims.allSatisfy { $0.verdict == .notEnoughData && !$0.needs.isEmpty })
    #expect(result.convergence.isEmpty && result.associations.isEmpty)
  }

  @Test func runsWithoutParametersAreNamed() throws {
    let result = try result(rows(), runs: [])
    #expect(
      try needs(result, .c1) == ["at least 4 sizes (has 0, 5 more without `parameters:`)"])
    #expect(try claim(result, .c4).verdict != .notEnoughData)
  }

  @Test func flaggedStepsAreOutByDefaultAndSaidBesideEachClaim() throws {
    let upload = try rows().map { row in
      var row = row
      // The final weights under an early name.
      if row.run == "r4", row.step <= 64, row.object == "activations" { row.value = 1 }
      return row
    }
    let audit = [0, 1, 4, 16, 64].map {
      AuditFinding(
        run: "r4", step: $0, check: "content", finding: "identical_final", otherStep: 1000,
        excluded: true)
    }
    let dropped = try result(upload, audit: audit)
    #expect(dropped.curves.grids["r4"] == [100, 150, 200, 300, 500, 700, 850, 1000])
    for id in [ClaimID.c1, .c2, .c3, .c4, .c5] {
      let claim = try claim(dropped, id)
      #expect(
        claim.notes.contains(
          "5 checkpoints of run r4 left out: audit, identical final (steps 0, 1, 4, 16, 64)."))
      let entry = try #require(claim.sensitivity.first { $0.key == "audit_keep" })
      let kept = try self.claim(result(upload, audit: audit, policy: .keep), id)
      #expect(entry.verdict == kept.verdict)
      #expect(entry.effect == kept.effect)
      #expect(
        claim.notes.contains {
          $0.hasPrefix(
            "With the flagged checkpoints in, it would be \(kept.verdict.words.lowercased())")
        })
    }
    // An identical neighbour stays collapsed.
    let neighbour = AuditFinding(
      run: "r4", step: 1, check: "content", finding: "identical_neighbour", otherStep: 0,
      excluded: true)
    let kept = try result(rows(), audit: [neighbour], policy: .keep)
    #expect(kept.curves.grids["r4"]?.contains(1) == false)
  }
}
