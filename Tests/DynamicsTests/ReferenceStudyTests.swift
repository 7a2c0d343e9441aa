import Foundation
import Statistics
import Testing

@testable import Dynamics

@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.reason)))
struct ReferenceStudyTests {
  /// Few resamples: what is compared here does not depend on them.
  private static let quick = AnalysisSettings(permutations: 19, resamples: 20)

  private static let miniSuite = result("mini-suite", SharedData.miniSuite)
  private static let paper = result("paper-pythia", SharedData.paper)

  /// Nil where the table cannot be read, which every test then reports.
  private static func result(_ study: String, _ runs: [RunDescription]) -> AnalysisResult? {
    do {
      let table = try SharedData.table(study)
      return Analysis(table: table, runs: runs, settings: quick).result()
    } catch {
      Issue.record(error)
      return nil
    }
  }

  @Test func correlationsOfTheSuiteGivenDepthAreThoseOfItsReadme() throws {
    let result = try #require(Self.miniSuite)
    let expected = [
      ("mlp", "weights", -0.58, -0.89, 0.11), ("mlp", "gradients", -0.84, -0.97, -0.36),
      ("ov", "weights", -0.46, -0.84, 0.24), ("ov", "gradients", -0.39, -0.69, 0.03),
    ]
    for (component, object, estimate, lower, upper) in expected {
      let row = try #require(
        result.associations.first {
          $0.key
            == AssociationKey(
              run: "", component: component, object: object, metric: "cka_debiased",
              measure: .area, perMeasure: "mean", variant: "default", rows: "last", probe: "a",
              window: .all, method: .spearman, scope: .withinGivenDepth)
        })
      #expect(abs(row.estimate - estimate) <= 0.005)
      // Depth explains the OV areas of `small` exactly, so that its own coefficient is 0/0: 0 here,
      // rounding noise in the reference, which moves the ends of the OV cells by up to 0.02.
      let tolerance = component == "ov" ? 0.025 : 0.005
      #expect(abs((row.lower ?? .nan) - lower) <= tolerance)
      #expect(abs((row.upper ?? .nan) - upper) <= tolerance)
      #expect(row.runs == ["base", "micro", "mini", "small"])
      #expect(row.n == 34)
      #expect(!row.isDescriptive)
    }
  }

  /// scipy 1.x on the same table: mid-ranks, residuals on depth, DerSimonian–Laird, Hartung–Knapp.
  @Test(arguments: [
    ("weights", -0.5822638075122072, -0.8939212909349262, 0.10891613186153032),
    ("gradients", -0.841448617180234, -0.9687943886403254, -0.3626551433165141),
  ])
  func combinedRowsEqualScipy(object: String, estimate: Double, lower: Double, upper: Double) throws
  {
    let row = try #require(
      Self.miniSuite?.associations.first {
        let key = $0.key
        return key.run.isEmpty && key.component == "mlp" && key.object == object
          && key.metric == "cka_debiased" && key.measure == .area && key.perMeasure == "mean"
          && key.variant == "default" && key.probe == "a" && key.window == .all
          && key.method == .spearman
          && key.scope == .withinGivenDepth
      })
    #expect(abs(row.estimate - estimate) < 1e-10)
    #expect(abs((row.lower ?? .nan) - lower) < 1e-10)
    #expect(abs((row.upper ?? .nan) - upper) < 1e-10)
  }

  private func claim(_ claims: [Claim], _ id: ClaimID, _ probe: String) throws -> Claim {
    try #require(claims.first { $0.id == id && $0.probe == probe })
  }

  @Test func theSuiteGetsAVerdictForEveryClaimButC6AndC7() throws {
    let claims = try #require(Self.miniSuite).claims
    let verdicts = try [ClaimID.c1, .c2, .c3, .c4, .c5, .c6].map {
      try claim(claims, $0, "a").verdict
    }
    #expect(
      verdicts == [
        .inconclusive, .contradicted, .contradicted, .inconclusive, .contradicted,
        .notEnoughData,
      ])
    #expect(try claim(claims, .c7, "").needs == ["2 probes with a verdict (has 1)"])
    // Probe b covers three sizes.
    for id in [ClaimID.c1, .c2, .c3, .c4, .c5] {
      #expect(try claim(claims, id, "b").verdict == .notEnoughData)
    }
    #expect(
      try claim(claims, .c1, "b").needs
        == ["debiased CKA of MLP and OV at 4 sizes or more (has 3 of 5)"])
    #expect(claims.allSatisfy { $0.estimator == ($0.id == .c5 ? "per" : "cka_debiased") })
  }

  @Test func aClaimSaysWhatQWouldBeInOtherFamilies() throws {
    let c4 = try claim(#require(Self.miniSuite).claims, .c4, "a")
    let cell = try #require(c4.evidence.first { $0.component == "mlp" })
    // The interval alone would support: p is about .015.
    #expect((cell.lower ?? 0) > 0 && (cell.q ?? 0) > 0.05)
    #expect(c4.sentence.contains("lies on the claimed side, but q is .053, above .05"))
    let note = try #require(c4.notes.first { $0.hasPrefix("q of settling (MLP)") })
    for part in [
      "is .053 among the 80 tests of its family", "(272 tests) it would be .056",
      "alone (22 tests) .029", "rests on that choice",
    ] {
      #expect(note.contains(part), "\(part)")
    }
  }

  @Test func aContradictionSaysWhetherItWouldStandAtFivePercent() throws {
    let claims = try #require(Self.miniSuite).claims
    let c3 = try claim(claims, .c3, "a")
    #expect(c3.sentence.contains("This is weak"))
    #expect(c3.notes.contains { $0.contains("Here 1 of 4 does") && $0.contains("none would") })
    // Two of four slopes are wholly below 0, one of them at 97.5 % too.
    let c5 = try claim(claims, .c5, "a")
    #expect(!c5.sentence.contains("This is weak"))
    #expect(c5.notes.contains { $0.contains("Here 2 of 4 do") && $0.contains("would stand") })
  }

  @Test func depthSquaredTurnsTheSuitesC3() throws {
    let c3 = try claim(#require(Self.miniSuite).claims, .c3, "a")
    #expect(c3.sensitivity.first { $0.key == "depth_squared" }?.verdict == .inconclusive)
    #expect(c3.sensitivity.first { $0.key == "cka" }?.verdict == .contradicted)
    #expect(c3.evidence.filter(\.decides).count == 4)
    #expect(
      c3.sentence.contains("3 are inconclusive and 1 contradicts: area (MLP gradients) −0.84"))
  }

  /// In `small` the areas of OV are in the order of depth: nothing is left to correlate.
  @Test func aRunThatDepthExplainsCountsAsZeroAndIsNamed() throws {
    let c3 = try claim(#require(Self.miniSuite).claims, .c3, "a")
    let cell = try #require(
      c3.evidence.first { $0.component == "ov" && $0.object == "weights" && $0.decides })
    // nano has too few layers to enter, and nothing left of its own.
    #expect(cell.n == 4 && Set(cell.points.map(\.label)) == ["micro", "mini", "small", "base"])
    #expect(cell.points.first { $0.label == "small" }?.y == 0)
    #expect(
      c3.notes.contains {
        $0.hasPrefix("Depth alone orders area or PER") && $0.contains("OV weights in small")
      })
  }

  @Test func twoSizesNeedMoreAndSayWhat() throws {
    let rows = try SharedData.table("mini-suite").rows.filter {
      $0.run == "nano" || $0.run == "micro"
    }
    let claims = Analysis(
      table: try MeasurementTable(rows), runs: Array(SharedData.miniSuite.prefix(2)),
      settings: Self.quick
    ).result().claims
    #expect(claims.allSatisfy { $0.verdict == .notEnoughData && !$0.needs.isEmpty })
    for id in [ClaimID.c1, .c2, .c5] {
      #expect(try claim(claims, id, "a").needs == ["at least 4 sizes (has 2)"])
    }
    #expect(
      try claim(claims, .c3, "a").needs == [
        "at least 4 runs of 5 layers or more with MLP and OV (has 1, 1 with fewer layers)"
      ])
    #expect(
      try claim(claims, .c4, "a").needs
        == ["at least 4 runs of 4 layers or more with MLP and OV (has 2)"])
  }

  @Test func thePapersOwnModelsAreDecidedOnBiasedCKAAndSaySo() throws {
    let claims = try #require(Self.paper).claims
    let probe = "pile-last-batch"
    for id in [ClaimID.c1, .c2, .c4] {
      let claim = try claim(claims, id, probe)
      #expect(claim.verdict != .notEnoughData)
      #expect(claim.estimator == "cka")
      #expect(claim.layout == "published_layout")
      #expect(claim.sentence.contains("on biased CKA"))
      #expect(claim.rule.contains("biased CKA"))
    }
    #expect(try claim(claims, .c4, probe).verdict == .supported)
    for id in [ClaimID.c3, .c5] {
      #expect(
        try claim(claims, id, probe).needs == [
          "PER of MLP weights, OV weights by head, MLP gradients and OV gradients by head"
        ])
    }
    let c2 = try claim(claims, .c2, probe)
    let mlp = c2.evidence.filter { $0.component == "mlp" && $0.measure == "monotonicity" }
    #expect(mlp.map(\.window) == [.all, .late])
    #expect((mlp[0].effect ?? 0) < 0 && (mlp[1].effect ?? 0) > 0)
    #expect(c2.notes.contains { $0.hasPrefix("The sign depends on the window") })
  }

  /// Medians over layers to three digits, shares to two: the table of the data's README.
  @Test(arguments: [
    ("mlp", "pythia-70m", 0.357, 0.047, 0.17, 0.17, 0.0),
    ("mlp", "pythia-160m", 0.363, 0.047, 0.17, 0.08, 0.08),
    ("mlp", "pythia-410m", 0.785, 0.000, 0.46, 0.04, 0.04),
    ("mlp", "pythia-1.4b", 0.566, 0.000, 0.46, 0.17, 0.04),
    ("mlp", "pythia-2.8b", 0.870, 0.000, 0.69, 0.22, 0.03),
    ("ov", "pythia-70m", 0.586, 0.041, 0.17, 0.0, 0.0),
    ("ov", "pythia-160m", 0.298, 0.013, 0.33, 0.0, 0.0),
    ("ov", "pythia-410m", 0.718, 0.000, 0.50, 0.04, 0.0),
    ("ov", "pythia-1.4b", 0.612, 0.000, 0.50, 0.29, 0.0),
    ("ov", "pythia-2.8b", 0.649, 0.000, 0.41, 0.25, 0.03),
  ])
  func theFiguresOfThePapersReadmeComeOut(
    component: String, run: String, at: Double, late: Double, q80: Double, q90: Double, q95: Double
  ) throws {
    let result = try #require(Self.paper)
    func middle(_ measure: Measure, _ window: Window) -> Double? {
      median(
        of: result.convergence.filter {
          $0.curve.run == run && $0.curve.component == component && $0.measure == measure
            && $0.window == window
        }.compactMap(\.value))
    }
    #expect(abs((middle(.at, .all) ?? .nan) - at) <= 0.0005)
    #expect(abs((middle(.instability, .late) ?? .nan) - late) <= 0.0005)
    for (q, share) in [(0.8, q80), (0.9, q90), (0.95, q95)] {
      let found = result.settledShares.first {
        $0.run == run && $0.component == component && $0.window == .all && $0.q == q
      }
      #expect(abs((found?.share ?? .nan) - share) <= 0.005)
    }
  }
}
