import Foundation
import Statistics
import Testing

@testable import Dynamics

/// C6 on runs that never were, of which it is known what each arm does.
@Suite struct InterventionClaimTests {
  /// An arm: how it learns, how its layers settle on the way, and what rank its weights have.
  private struct Arm {
    var name = ""
    /// Learns faster from 1 on: p = 1 − (1 − u)^pace is the share of the loss reduction.
    var pace = 1.0
    /// Layers settle earlier at the same loss above 0: c = c₀ + (1 − c₀) p^(1 / 2^lead).
    var lead = 0.0
    /// Added to PER of weights at all times.
    var rank = 0.0
    /// What PER of weights gains by learning.
    var gain = 0.0
    /// What the similarity reaches before the end: 1, or less where no layer settles.
    var ceiling = 1.0
  }

  private static let steps = [0, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]

  private func claim(
    _ arms: [Arm], seeds: Int = 4, layers: Int = 5, losses: Bool = true, noise: Double = 0.004,
    change: (inout Measurement) -> Void = { _ in }
  ) throws -> Claim {
    var generator = SeededGenerator(seed: 5)
    var rows: [Measurement] = []
    var runs: [RunDescription] = []
    for arm in [Arm()] + arms {
      for seed in 0..<seeds {
        let name = "tiny\(arm.name)-seed\(seed)"
        runs.append(RunDescription(run: name, parameters: 1_000_000, arm: arm.name))
        rows += self.rows(arm, name, layers, losses, noise, &generator)
      }
    }
    for index in rows.indices { change(&rows[index]) }
    let result = Analysis(
      table: try MeasurementTable(rows), runs: runs,
      settings: AnalysisSettings(permutations: 9, resamples: 9), seed: 2
    ).result()
    return try #require(result.claims.first { $0.id == .c6 })
  }

  private func rows(
    _ arm: Arm, _ run: String, _ layers: Int, _ losses: Bool, _ noise: Double,
    _ generator: inout SeededGenerator
  ) -> [Measurement] {
    var rows: [Measurement] = []
    let own = generator.gaussian()
    for step in Self.steps {
      let progress = 1 - pow(1 - Double(step) / 1000, arm.pace)
      if losses {
        rows.append(
          Measurement(
            run: run, step: step, component: "model", object: "loss", metric: "loss", rows: "all",
            probe: "p", value: 8 - 5 * progress))
      }
      for component in ["mlp", "ov"] {
        for layer in 0..<layers {
          let exponent = (1 + 0.1 * Double(layer)) * pow(2, -arm.lead)
          var similarity = 0.2 + 0.8 * pow(progress, exponent)
          similarity = min(similarity, arm.ceiling) + noise * (own + generator.gaussian())
          rows.append(
            Measurement(
              run: run, step: step, layer: layer, component: component, object: "activations",
              metric: "cka_debiased", rows: "last", probe: "p",
              value: step == 1000 ? 1 : similarity, n: 64))
          for object in ["weights", "gradients"] {
            let gain = object == "weights" ? arm.gain * progress : 0
            rows.append(
              Measurement(
                run: run, step: step, layer: layer, head: component == "ov" ? 0 : nil,
                component: component, object: object, metric: "per",
                probe: object == "gradients" ? "p" : "",
                value: 0.5 + arm.rank + gain + 0.002 * (own + generator.gaussian())))
          }
        }
      }
    }
    return rows
  }

  private let lower = Arm(name: "lower", lead: -0.5, rank: -0.2)

  @Test func aRankThatSpeedsConvergenceSupports() throws {
    let claim = try claim([Arm(name: "raise", lead: 2, rank: 0.1), lower])
    #expect(claim.verdict == .supported)
    #expect(claim.n == 4)
    let deciding = claim.evidence.filter(\.decides)
    #expect(deciding.allSatisfy { $0.detail.hasPrefix("arm raise") })
    // Area and settling, MLP and OV, equal step and equal loss.
    #expect(Set(deciding.map { "\($0.measure) \($0.component) \($0.detail)" }).count == 8)
    // Each difference stands beside what the arm did to PER in that seed.
    let points = try #require(deciding.first).points
    #expect(points.count == 4 && points.allSatisfy { abs(($0.x ?? 0) - 0.1) < 0.02 })
    #expect(
      claim.notes.contains {
        $0.hasPrefix("Arm raise raises PER of weights: at equal step MLP +0.10")
      })
    #expect(claim.notes.contains { $0.hasPrefix("Arm lower lowers PER of weights") })
    // One slope a seed of the differences on those of PER: faster with rank.
    let slopes = claim.evidence.filter { $0.detail.hasPrefix("per unit of PER") }
    #expect(slopes.count == 8 && slopes.allSatisfy { !$0.decides && $0.verdict == .supported })
  }

  @Test func theEffectIsTheMeanOfTheSeedsWithItsInterval() throws {
    let claim = try claim([Arm(name: "raise", lead: 2, rank: 0.1), lower])
    for cell in claim.evidence.filter(\.decides) {
      let turn = cell.measure == "area" ? 1.0 : -1
      let values = cell.points.map { turn * $0.y }
      let center = values.reduce(0, +) / 4
      let deviation = (values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / 3).squareRoot()
      // t of 3 degrees of freedom at 97.5 %.
      let reach = 3.182_446_305_284_263 * deviation / 2
      #expect(abs((cell.effect ?? .nan) - center) < 1e-12)
      #expect(abs((cell.lower ?? .nan) - (center - reach)) < 1e-9)
      #expect(abs((cell.upper ?? .nan) - (center + reach)) < 1e-9)
    }
  }

  @Test func aRankThatSlowsConvergenceContradicts() throws {
    let claim = try claim([Arm(name: "raise", lead: -1, rank: 0.1), lower])
    #expect(claim.verdict == .contradicted)
    #expect(claim.breakCondition?.outcome == .met)
  }

  @Test func aRankWithoutEffectIsInconclusive() throws {
    let claim = try claim([Arm(name: "raise", rank: 0.1), lower], noise: 0.02)
    #expect(claim.verdict == .inconclusive)
  }

  @Test func learningFasterIsNoFasterConvergenceAtEqualLoss() throws {
    // Its rank is raised and it learns faster, but at equal loss its layers are where the baseline's are.
    let claim = try claim([Arm(name: "raise", pace: 3, rank: 0.1), lower])
    let deciding = claim.evidence.filter(\.decides)
    #expect(
      deciding.filter { $0.detail.hasSuffix("equal step") }.allSatisfy { $0.verdict == .supported })
    #expect(
      deciding.filter { $0.detail.hasSuffix("equal loss") && $0.measure == "area" }
        .allSatisfy { abs($0.effect ?? 1) < 0.03 })
    #expect(claim.verdict != .supported)
  }

  @Test func anArmThatOnlyLearnsFasterDoesNotPassForOneOfHigherRank() throws {
    // PER rises with learning: at equal step the fast arm has more of it, at equal loss it has not.
    let gaining = [Arm(name: "fast", pace: 3, lead: 2, gain: 0.3), lower]
    let claim = try claim(gaining) { row in
      if row.metric == "per", row.object == "weights", row.run.hasPrefix("tiny-") {
        row.value += 0.3 * Double(row.step) / 1000
      }
    }
    #expect(claim.verdict == .notEnoughData)
    #expect(claim.needs == ["an arm that raises PER"])
  }

  @Test(arguments: [-0.2, 0.0])
  func aControlThatSpeedsConvergenceToo(rank: Double) throws {
    // It lowers PER, or changes the updates' norm alone.
    var arms = [
      Arm(name: "raise", lead: 2, rank: 0.1), Arm(name: "control", lead: 2, rank: rank),
    ]
    if rank == 0 { arms.append(lower) }
    let claim = try claim(arms)
    #expect(claim.verdict == .inconclusive)
    let kind = rank == 0 ? "which neither raises nor lowers PER," : "which lowers PER,"
    #expect(claim.sentence.contains("Arm control, \(kind) speeds convergence too"))
  }

  @Test func settlingDecidesNothingWhereNoLayerSettles() throws {
    let arms = [
      Arm(name: "raise", lead: 2, rank: 0.1, ceiling: 0.8),
      Arm(name: "lower", lead: -0.5, rank: -0.2, ceiling: 0.8),
    ]
    let claim = try claim(arms) { row in
      if row.metric == "cka_debiased", row.step < 1000 { row.value = min(row.value, 0.85) }
    }
    #expect(claim.verdict == .supported)
    #expect(claim.evidence.filter(\.decides).allSatisfy { $0.measure == "area" })
  }

  @Test func equalSettlingOnCoarseCheckpointsDecidesNothing() throws {
    // All layers of all runs settle at step 300; the area still differs.
    let claim = try claim([Arm(name: "raise", lead: 2, rank: 0.1), lower]) { row in
      guard row.metric == "cka_debiased", row.step < 1000 else { return }
      row.value = row.step >= 300 ? 0.95 : min(0.85, row.value * 0.8)
    }
    let settling = claim.evidence.filter {
      $0.measure == "settling_0.9" && $0.ground == "equal step" && $0.arm == "raise"
    }
    #expect(settling.count == 2 && settling.allSatisfy { $0.effect == 0 && !$0.decides })
    #expect(claim.evidence.contains { $0.decides && $0.measure == "area" })
  }

  @Test func aLayerThatNeverSettlesDoesSoAtTheEnd() throws {
    // The baseline stays below 0.9 until the end, so its settling is 1.
    let claim = try claim([Arm(name: "raise", lead: 2, rank: 0.1), lower]) { row in
      if row.metric == "cka_debiased", row.run.hasPrefix("tiny-"), row.step < 1000 {
        row.value = min(row.value, 0.85)
      }
    }
    #expect(claim.verdict == .supported)
    let settling = claim.evidence.filter {
      $0.decides && $0.measure == "settling_0.9" && $0.detail.hasSuffix("step")
    }
    #expect(settling.count == 2)
    for point in settling.flatMap(\.points) { #expect(point.y < -0.05 && point.y >= -1) }
  }

  @Test func whatIsMissingIsNamed() throws {
    let arms = [Arm(name: "raise", lead: 2, rank: 0.1), lower]
    func needs(_ claim: Claim) -> [String] {
      #expect(claim.verdict == .notEnoughData)
      return claim.needs
    }
    #expect(
      needs(try claim(arms, seeds: 2))
        == ["at least 3 seeds of the baseline and of arm lower and raise (has 2)"])
    #expect(
      needs(try claim(arms, losses: false)) == [
        "at least 3 seeds of the baseline and of arm lower and raise with their losses (has 0)"
      ])
    #expect(
      needs(try claim(arms, layers: 1)) == [
        "at least 3 seeds of the baseline and of arm lower and raise (has 0, 4 with fewer than 2 layers)"
      ])
    #expect(needs(try claim([arms[0]])) == ["a control arm that lowers PER"])
    #expect(needs(try claim([lower])) == ["an arm that raises PER"])
    #expect(
      needs(try claim(arms) { if $0.metric == "per" { $0.metric = "stable_rank" } })
        == ["PER of weights of arm lower and raise and its baseline"])
    // An arm that raises PER of one component and lowers that of the other does neither.
    let mixed = try claim(arms) { row in
      if row.metric == "per", row.object == "weights", row.component == "ov",
        row.run.contains("raise")
      {
        row.value -= 0.15
      }
    }
    #expect(needs(mixed) == ["an arm that raises PER"])
  }

  @Test func allArmsThatRaiseTheRankHaveToSpeed() throws {
    let claim = try claim([
      Arm(name: "raise", lead: 2, rank: 0.1), Arm(name: "other", rank: 0.1), lower,
    ])
    #expect(claim.verdict == .inconclusive)
    #expect(Set(claim.evidence.filter(\.decides).map(\.detail)).count == 4)
  }
}
