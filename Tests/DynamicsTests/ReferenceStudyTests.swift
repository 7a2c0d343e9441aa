import Foundation
import Statistics
import Testing

@testable import Dynamics

@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.reason)))
struct ReferenceStudyTests {
  /// Few resamples: what is compared here does not depend on them.
  private static let quick = AnalysisSettings(permutations: 19, resamples: 20)

  @Test func correlationsOfTheSuiteGivenDepthAreThoseOfItsReadme() throws {
    let result = Analysis(
      table: try SharedData.table("mini-suite"), runs: SharedData.miniSuite, settings: Self.quick
    ).result()
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
}
