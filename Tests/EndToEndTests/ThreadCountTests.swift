import Dynamics
import Foundation
import Testing

@testable import Studies

/// `--threads` is the one knob for threads, and changes no number.
@Suite struct ThreadCountTests {
  /// Work is cut at places that do not depend on the number of threads and BLAS runs single-threaded
  /// inside, so the stated tolerance is none: every value, bound and half-sample has the same bits.
  @Test func everyNumberOfThreadsGivesTheSameBits() throws {
    let study = """
      measure:
        rows: [last, all, "sample:3"]
        similarity: [cka_debiased, cka, cka_minibatch, procrustes, rsa]
        spectra: [per, effective_rank, alpha, gini, per_shuffled, relative_change, qk]
        variants: [published, pico]
      """
    let single = try measure(study, steps: "[0, 512, 3000]", threads: 1)
    #expect(single.table.rows.count > 1000 && !single.halves.isEmpty)
    let several = try measure(study, steps: "[0, 512, 3000]", threads: 3)
    #expect(several.table.rows == single.table.rows)
    #expect(several.halves.keys == single.halves.keys)
    for (key, halves) in single.halves {
      #expect(several.halves[key]?.map(\.bitPattern) == halves.map(\.bitPattern))
    }
  }

  /// The similarity to the checkpoint before is that of a study in which the later one is the final.
  @Test func thePreviousCheckpointIsComparedAsTheFinalOneIs() throws {
    let measured = "measure: {objects: [activations]}"
    let run = try measure(measured, steps: "[128, 512, 3000]", threads: 2).table.rows
    let pair = try measure(measured, steps: "[128, 512]", threads: 2).table.rows
    for metric in ["cka", "cka_debiased"] {
      let previous = run.filter { $0.step == 512 && $0.metric == metric + "_previous" }
      #expect(previous.count == 4 * 5)
      for row in previous {
        let final = try #require(
          pair.first {
            $0.step == 128 && $0.metric == metric && $0.layer == row.layer && $0.head == nil
              && $0.component == row.component && $0.variant == row.variant
          })
        #expect(abs(row.value - final.value) < 1e-12, "\(metric) of \(row.component)")
      }
    }
    #expect(run.allSatisfy { $0.step != 128 || !$0.metric.hasSuffix("_previous") })
  }

  private func measure(_ settings: String, steps: String, threads: Int) throws -> StudyResults {
    try Places.withFixture { folder in
      let file = folder.appending(path: "study.yaml")
      try """
      name: threads
      runs:
        - {name: nano, checkpoints: ., steps: \(steps)}
      probes:
        - {name: a, tokens: tokens.npy}
      \(settings)
      """.write(to: file, atomically: true, encoding: .utf8)
      let runner = try StudyRunner(
        file: file.path, options: StudyOptions(threads: threads, command: "test")
      ) { _ in }
      let inventory = try StudyInspector.inspect(runner.study, shownAs: file.path)
      let measurement = StudyMeasurement(runner, inventory)
      return try measurement.gather(measurement.bringUpToDate())
    }
  }
}
