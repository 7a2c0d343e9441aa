import Dynamics
import Foundation
import Testing

@testable import Studies

/// One damaged byte in each kind of file that a study keeps: it is noticed, told, and made again.
@Suite struct ArtifactDamageTests {
  private static let study = """
    name: s
    runs: [{name: nano, checkpoints: ., steps: [0, 512, 3000]}]
    probes: [{name: a, tokens: tokens.npy}]
    measure:
      components: [mlp]
      rows: [last, all]
      heads: false
      variants: []
      spectra: [per, relative_change]
    """

  @Test func aDamagedByteOfEachKindIsMadeAgain() throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study)
      let before = try study.measure().table.csv()
      _ = study.unitsDone()
      let kinds = [
        "audit", "weights", "change", "capture", "gradients", "similarity", "streamed", "digests",
      ]
      for kind in kinds {
        let path = try #require(try study.artifacts(kind).first, "\(kind)")
        let intact = try Data(contentsOf: path)
        // In the content, in the index behind it, in the last byte; and a file that ends early.
        for place in [0, intact.count - 120, intact.count - 1] {
          var data = intact
          data[max(0, place)] ^= 0x10
          try data.write(to: path)
          #expect(try study.measure().table.csv() == before, "\(kind) at \(place)")
          // The matrices of a capture are read again only where something is to be made from them.
          let isNoticed = kind != "digests" && !(kind == "capture" && place == 0)
          if isNoticed { #expect(!study.unitsDone().isEmpty, "\(kind) at \(place)") }
        }
        try intact.prefix(intact.count / 2).write(to: path)
        #expect(try study.measure().table.csv() == before, "half of \(kind)")
        try Data().write(to: path)
        #expect(try study.measure().table.csv() == before, "empty \(kind)")
      }
    }
  }

  /// A capture that nothing needs any more may rot unseen; as soon as it is needed it is noticed.
  @Test func aCaptureIsReadAsAWholeOnlyWhereItIsNeeded() throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study)
      try study.measure()
      let path = try #require(try study.artifacts("capture").first)
      var data = try Data(contentsOf: path)
      data[0] ^= 1
      try data.write(to: path)
      _ = study.unitsDone()
      try study.measure()
      #expect(study.unitsDone() == [:])
      try study.write(
        Self.study.replacingOccurrences(
          of: "  heads: false", with: "  heads: false\n  similarity: [cka_debiased, rsa]"))
      let results = try study.measure()
      #expect(study.notes().contains { $0.contains("damaged") && $0.contains("measured again") })
      #expect(results.failures.isEmpty && study.unitsDone()[.capture] == 1)
    }
  }
}
