import Foundation
import Testing

/// The audit of METHODS section 8 on real runs with the faults that published suites had: each is named
/// with its reason and nothing else is.
@Suite(
  .enabled(if: Places.isThere(Places.miniPythia), Places.miniPythiaIsMissing))
struct AuditedRunTests {
  private static let steps = [
    0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 768, 1000, 1500, 2000, 2500, 3000,
  ]
  private static let down = "gpt_neox.layers.1.mlp.dense_4h_to_h.weight"
  private static let up = "gpt_neox.layers.2.mlp.dense_h_to_4h.weight"

  private func findings(
    _ name: String = "nano-seed0", steps: [Int]? = nil, _ fault: (FaultyRun) throws -> Void
  ) throws -> [String] {
    try Places.withFolder { folder in
      let run = try FaultyRun(name, in: folder)
      try fault(run)
      return try run.findings(steps: steps)
    }
  }

  @Test(arguments: ["nano-seed0", "micro-seed0"])
  func anUntouchedRunRaisesNoFlag(_ name: String) throws {
    #expect(try findings(name) { _ in } == [])
  }

  @Test func fiveFaultsGiveFiveFindings() throws {
    let found = try findings(steps: Self.steps) { run in
      try run.replace(512, by: 3000)
      try run.replace(64, by: 128, of: "micro-seed0")
      try run.mix([Self.down], of: 3000, into: 256)
      try run.replace(1, by: 0)
      try run.remove(1500)
    }
    #expect(
      found == [
        "1 identical_neighbour 0", "64 other_shape 3000", "256 mixed_upload 3000",
        "512 identical_final 3000", "1500 missing_step",
      ])
  }

  @Test func weightsOfAnotherRunOfTheSameShapeAreNamed() throws {
    #expect(
      try findings { run in
        try run.replace(64, by: 128)
        try run.estrange(64)
      } == ["64 broken_lineage"])
    #expect(try findings { try $0.estrange(0) } == ["0 unrelated_initialisation 1"])
    #expect(try findings { try $0.estrange(2500) } == ["2500 broken_lineage"])
    #expect(try findings { try $0.estrange(512, only: Self.down) } == ["512 broken_lineage"])
  }

  @Test func neighboursOfAnotherRunAreNamedTogether() throws {
    #expect(
      try findings { run in
        try run.estrange(512)
        try run.estrange(768)
      } == ["512 broken_lineage", "768 broken_lineage"])
  }

  @Test func aMixtureIsNamedWhicheverMatrixItIs() throws {
    for name in [Self.up, "gpt_neox.embed_in.weight", "gpt_neox.layers.3.attention.dense.weight"] {
      #expect(
        try findings { try $0.mix([name], of: 3000, into: 256) } == ["256 mixed_upload 3000"],
        "\(name)")
    }
  }

  @Test func contentIsFoundInAnotherTypeToo() throws {
    #expect(
      try findings { try $0.mix([], of: 3000, into: 512, asFloat: true) }
        == ["512 identical_final 3000"])
    #expect(
      try findings { try $0.mix([Self.down], of: 3000, into: 256, asFloat: true) }
        == ["256 mixed_upload 3000"])
  }

  @Test func theFinalStepItselfIsDoubtedWhereItHoldsAnEarlierOnes() throws {
    #expect(try findings { try $0.replace(3000, by: 512) } == ["3000 identical_step 512"])
    #expect(try findings { try $0.replace(2500, by: 3000) } == ["2500 identical_final 3000"])
    #expect(try findings { try $0.replace(0, by: 3000) } == ["0 identical_final 3000"])
    #expect(
      try findings { run in
        try run.replace(512, by: 3000)
        try run.replace(768, by: 3000)
      } == ["512 identical_final 3000", "768 identical_final 3000"])
  }

  @Test func stepsThatChangedPlacesAreNamedAndNothingElse() throws {
    #expect(
      try findings { try $0.exchange(128, 1000) } == [
        "128 broken_lineage 1000", "1000 broken_lineage 128",
      ])
    #expect(
      try findings { run in
        try run.exchange(128, 1000)
        try run.estrange(16)
        try run.replace(2000, by: 3000)
      } == [
        "16 broken_lineage", "128 broken_lineage 1000", "1000 broken_lineage 128",
        "2000 identical_final 3000",
      ])
  }

  @Test func digestsAreKeptAndReused() throws {
    try Places.withFolder { folder in
      let run = try FaultyRun("micro-seed0", in: folder)
      _ = try run.findings()
      let kept = folder.appending(path: ".tend/digests")
      let names = try FileManager.default.contentsOfDirectory(atPath: kept.path).sorted()
      #expect(names.count == 5)
      func times() throws -> [Date?] {
        try names.map {
          try FileManager.default.attributesOfItem(
            atPath: kept.appending(path: $0).path)[.modificationDate] as? Date
        }
      }
      let before = try times()
      _ = try run.findings()
      #expect(try times() == before)
    }
  }
}
