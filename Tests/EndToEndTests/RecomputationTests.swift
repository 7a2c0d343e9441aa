import Dynamics
import Foundation
import Testing

@testable import Studies

/// What a change of the study does again, counted in units of work.
@Suite struct RecomputationTests {
  private static func study(
    title: String = "t", runs: String = "{name: nano, checkpoints: ., steps: [0, 512, 3000]}",
    probes: String = "{name: a, tokens: tokens.npy}", similarity: String = "cka_debiased",
    spectra: String = "per", seed: Int = 0
  ) -> String {
    """
    name: s
    title: \(title)
    seed: \(seed)
    runs: [\(runs)]
    probes: [\(probes)]
    measure:
      objects: [activations, weights, gradients]
      components: [mlp]
      heads: false
      variants: []
      similarity: [\(similarity)]
      spectra: [\(spectra)]
    """
  }

  /// A report from stored results leaves measured tables as they lie there; the next run writes them.
  @Test func aReportDoesNotVouchForTablesThatItDoesNotWrite() throws {
    try withStudy { study in
      try study.write(Self.study())
      #expect(try study.runner().run().exitCode == .done)
      let table = study.folder.appending(path: "results/measurements.json")
      let bytes = try Data(contentsOf: table)
      try FileManager.default.removeItem(at: table)
      try study.write(Self.study(title: "u"))
      #expect(try study.runner().report().exitCode == .done)
      try study.write(Self.study(title: "v"))
      #expect(try study.runner().run().exitCode == .done)
      #expect(try Data(contentsOf: table) == bytes)
    }
  }

  private func withStudy(_ body: (StudyFolder) throws -> Void) throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study())
      try study.measure()
      let first = study.unitsDone()
      // Three checkpoints hashed, one audit; three of each; one comparison of each with the final step
      // and the one before.
      #expect(first == [.audit: 4, .weightSpectra: 3, .capture: 3, .cka: 3], "\(first)")
      try body(study)
    }
  }

  @Test func nothingIsDoneTwice() throws {
    try withStudy { study in
      try study.measure()
      #expect(study.unitsDone() == [:])
    }
  }

  @Test func aTitleOnlyDrawsAgain() throws {
    try withStudy { study in
      _ = try study.runner().run()
      #expect(study.unitsDone() == [:])
      #expect(try study.runner().check().report == nil)
      try study.write(Self.study(title: "another"))
      #expect(try study.runner().check().report == ["study.yaml"])
      #expect(try study.runner().run().exitCode == .done)
      #expect(study.unitsDone() == [:])
      let page = try String(
        contentsOf: study.folder.appending(path: "site/index.html"), encoding: .utf8)
      #expect(page.contains("another"))
    }
  }

  @Test func aCheckpointIsDoneAlone() throws {
    try withStudy { study in
      try study.write(
        Self.study(runs: "{name: nano, checkpoints: ., steps: [0, 512, 2000, 3000]}"))
      try study.measure()
      // The new one, its audit, and the comparison of the final step with the step before it.
      #expect(study.unitsDone() == [.audit: 2, .weightSpectra: 1, .capture: 1, .cka: 2])
    }
  }

  @Test func aRunWithTheSameContentCostsNothing() throws {
    try withStudy { study in
      try study.write(
        Self.study(
          runs: """
            {name: nano, checkpoints: ., steps: [0, 512, 3000]},
              {name: again, checkpoints: ., steps: [0, 512, 3000]}
            """))
      let results = try study.measure()
      #expect(study.unitsDone() == [:])
      #expect(results.table.runs == ["again", "nano"])
    }
  }

  @Test func aRunThatIsNewIsDoneAlone() throws {
    try withStudy { study in
      try study.write(
        Self.study(
          runs: """
            {name: nano, checkpoints: ., steps: [0, 512, 3000]},
              {name: new, checkpoints: ., steps: [16, 128]}
            """))
      try study.measure()
      #expect(study.unitsDone() == [.audit: 3, .weightSpectra: 2, .capture: 2, .cka: 2])
    }
  }

  @Test func aProbeIsDoneAlone() throws {
    try withStudy { study in
      let tokens = study.folder.appending(path: "tokens.npy")
      var data = try Data(contentsOf: tokens)
      // Another token of the first sequence, in the last byte of the header's neighbour.
      data[data.count - 8] ^= 1
      try data.write(to: study.folder.appending(path: "other.npy"))
      try study.write(
        Self.study(probes: "{name: a, tokens: tokens.npy}, {name: b, tokens: other.npy}"))
      try study.measure()
      #expect(study.unitsDone() == [.capture: 3, .cka: 3])
    }
  }

  @Test func aSimilarityIsDoneAlone() throws {
    try withStudy { study in
      try study.write(Self.study(similarity: "cka_debiased, procrustes"))
      try study.measure()
      #expect(study.notes().isEmpty)
      #expect(study.unitsDone() == [.cka: 3])
    }
  }

  /// Ranks come from the spectrum that is there; a measure of entries is a unit of its own.
  @Test func aSpectralMeasureLeavesTheRestAlone() throws {
    try withStudy { study in
      try study.write(Self.study(spectra: "per, relative_change"))
      try study.measure()
      #expect(study.unitsDone() == [.weightSpectra: 2])
    }
  }

  @Test func aSeedIsToldAsWhatChanged() throws {
    try withStudy { study in
      try study.write(Self.study(seed: 1))
      let check = try study.runner().check()
      let comparing = try #require(check.stages.first { $0.stage == .cka })
      #expect(comparing.missing > 0 && comparing.stale == ["resampling": comparing.missing])
      #expect(check.stages.allSatisfy { $0.stage == .cka || $0.missing == 0 })
    }
  }
}
