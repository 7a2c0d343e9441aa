import Checkpoints
import Files
import Foundation
import Tensors
import Testing

/// The audit on real runs, untouched and with the faults that published suites had.
@Suite struct CheckpointAuditTests {
  static let fixture = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/nano")
    .path

  /// The analysed matrices of the checkpoint in `folder`, as if it were step `step`.
  static func step(
    _ step: Int, folder: String, mixing other: (folder: String, name: String)? = nil
  ) throws -> CheckpointAudit.Step {
    let checkpoint = try Checkpoint(folder: folder, step: step)
    let second = try other.map { try Checkpoint(folder: $0.folder, step: step) }
    func source(_ name: String) -> Checkpoint {
      other?.name == name ? second ?? checkpoint : checkpoint
    }
    var digests: [String: String] = [:]
    var shapes: [String: [Int]] = [:]
    for tensor in checkpoint.weights.tensors
    where ["query_key_value.weight", "dense.weight", "dense_4h_to_h.weight"].contains(where: {
      tensor.name.hasSuffix($0)
    }) {
      let from = source(tensor.name)
      guard let stored = from.weights.tensor(tensor.name) else { continue }
      digests[tensor.name] = try from.digest(of: stored).hex
      shapes[tensor.name] = stored.shape
    }
    return CheckpointAudit.Step(step: step, digests: digests, shapes: shapes) {
      try source($0).floats($0)
    }
  }

  /// The findings of a run in short: `512 identical_final 3000`.
  static func audit(_ steps: [CheckpointAudit.Step], named: [Int] = []) throws -> [String] {
    let findings = try CheckpointAudit(
      steps: steps, final: steps.map(\.step).max() ?? 0, named: named
    ).findings()
    return findings.map { "\($0.step) \($0.kind.rawValue) \($0.otherStep.map(String.init) ?? "")" }
  }

  static let steps = [0, 16, 128, 512, 1000, 2000, 3000]

  private func fixtureSteps(replacing replaced: [Int: Int] = [:]) throws -> [CheckpointAudit.Step] {
    try Self.steps.map { try Self.step($0, folder: "\(Self.fixture)/step\(replaced[$0] ?? $0)") }
  }

  @Test func anUntouchedRunRaisesNoFlag() throws {
    #expect(try Self.audit(fixtureSteps()) == [])
  }

  @Test func aStepWithTheFinalWeightsIsNamedAndNothingElse() throws {
    for step in [16, 128, 512] {
      #expect(
        try Self.audit(fixtureSteps(replacing: [step: 3000])) == ["\(step) identical_final 3000"])
    }
  }

  @Test func aStepWithADistantOnesWeightsIsNamed() throws {
    #expect(try Self.audit(fixtureSteps(replacing: [128: 2000])) == ["128 identical_step 2000"])
    #expect(try Self.audit(fixtureSteps(replacing: [1000: 16])) == ["1000 identical_step 16"])
  }

  /// Late in training steps lie close together: the final weights are on the way there as well, and
  /// still it is the earlier step that holds another's.
  @Test(
    .enabled(if: StoredFormsTests.isThere, "../shared/data/mini-pythia is not here"),
    arguments: [1500, 2000, 2500])
  func aLateStepWithTheFinalWeightsIsNamedAndNotTheFinalStep(_ late: Int) throws {
    let entries = try RunFolder(StoredFormsTests.run).entries
    let final = try #require(entries.last)
    let steps = try entries.map {
      try Self.step($0.step, folder: $0.step == late ? final.folder : $0.folder)
    }
    #expect(try Self.audit(steps) == ["\(late) identical_final 3000"])
    // And the other way round: the final step holds an earlier one's.
    let earlier = try #require(entries.first { $0.step == late })
    let doubted = try entries.map {
      try Self.step($0.step, folder: $0.step == 3000 ? earlier.folder : $0.folder)
    }
    let expected =
      late == 2500 ? "2500 identical_final 3000" : "3000 identical_step \(late)"
    #expect(try Self.audit(doubted) == [expected])
  }

  @Test func equalNeighboursCollapse() throws {
    #expect(try Self.audit(fixtureSteps(replacing: [16: 0])) == ["16 identical_neighbour 0"])
  }

  @Test func aMixedUploadIsNamed() throws {
    var steps = try fixtureSteps()
    let name = "gpt_neox.layers.2.mlp.dense_4h_to_h.weight"
    steps[2] = try Self.step(
      128, folder: "\(Self.fixture)/step128", mixing: ("\(Self.fixture)/step3000", name))
    #expect(try Self.audit(steps) == ["128 mixed_upload 3000"])
  }

  @Test func weightsFromNowhereAreNamed() throws {
    var steps = try fixtureSteps()
    let own = steps[3]
    steps[3] = CheckpointAudit.Step(
      step: 512, digests: own.digests.mapValues { $0 + "x" }, shapes: own.shapes
    ) { name in Array(try own.read(name).reversed()) }
    #expect(try Self.audit(steps) == ["512 broken_lineage "])
    let bigger = CheckpointAudit.Step(
      step: 512, digests: own.digests, shapes: own.shapes.mapValues { $0.map { 2 * $0 } },
      read: own.read)
    steps[3] = bigger
    #expect(try Self.audit(steps) == ["512 other_shape 3000"])
  }

  /// Which step's weights stand where: exchanged neighbours, distant ones, ones with an end, three in
  /// a circle, a step moved far away, two pairs.
  private static let disorders: [[Int: Int]] = [
    [512: 768, 768: 512], [64: 128, 128: 64], [2000: 2500, 2500: 2000],
    [128: 1000, 1000: 128], [256: 768, 768: 256], [64: 1500, 1500: 64], [1000: 2000, 2000: 1000],
    [0: 64, 64: 0], [0: 1500, 1500: 0], [768: 3000, 3000: 768], [2000: 3000, 3000: 2000],
    [64: 256, 256: 1000, 1000: 64],
    [256: 512, 512: 768, 768: 1000, 1000: 1500, 1500: 256],
    [64: 256, 256: 64, 1000: 2000, 2000: 1000],
  ]

  @Test(
    .enabled(if: StoredFormsTests.isThere, "../shared/data/mini-pythia is not here"),
    arguments: disorders)
  func stepsInAnotherOrderAreNamedWithTheirPlacesAndNothingElse(_ disorder: [Int: Int]) throws {
    let folders = Dictionary(
      uniqueKeysWithValues: try RunFolder(StoredFormsTests.run).entries.map { ($0.step, $0.folder) }
    )
    func steps(strange: Int? = nil) throws -> [CheckpointAudit.Step] {
      try folders.map { step, own in
        let made = try Self.step(step, folder: disorder[step].flatMap { folders[$0] } ?? own)
        guard step == strange else { return made }
        return CheckpointAudit.Step(
          step: step, digests: made.digests.mapValues { $0 + "x" }, shapes: made.shapes
        ) { name in Array(try made.read(name).reversed()) }
      }
    }
    let expected = disorder.sorted { $0.key < $1.key }.map {
      "\($0.key) broken_lineage \($0.value)"
    }
    #expect(try Self.audit(steps()) == expected)
    // Beside weights from nowhere, which have no place.
    let found = try Self.audit(steps(strange: 8))
    #expect(
      found == (expected + ["8 broken_lineage "]).sorted { Self.number($0) < Self.number($1) })
  }

  private static func number(_ finding: String) -> Int {
    Int(finding.prefix { $0 != " " }) ?? -1
  }

  @Test func missingStepsAreThoseThatARegularStretchSkips() throws {
    func missing(_ steps: [Int], named: [Int] = []) throws -> [String] {
      let empty = steps.map { step in
        CheckpointAudit.Step(step: step, digests: [:], shapes: [:]) { _ in [] }
      }
      return try Self.audit(empty, named: named)
    }
    let nano = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 768, 1000, 1500, 2000, 2500, 3000]
    let paper =
      [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000]
      + stride(from: 3000, through: 143_000, by: 10_000)
    let pythia =
      [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512] + stride(from: 1000, through: 143_000, by: 1000)
    for grid in [
      nano, paper, pythia, [0, 128, 512, 1500, 3000], [0, 500, 1000, 2000, 3000, 4000],
    ] {
      #expect(try missing(grid) == [])
    }
    for step in [2, 16, 64, 256] {
      #expect(try missing(nano.filter { $0 != step }) == ["\(step) missing_step "])
    }
    #expect(try missing(nano.filter { $0 != 2000 }) == ["2000 missing_step "])
    for step in [2000, 71_000, 142_000] {
      #expect(try missing(pythia.filter { $0 != step }) == ["\(step) missing_step "])
    }
    #expect(try missing(nano, named: [5]) == ["5 missing_step "])
  }

  @Test(.enabled(if: StoredFormsTests.isThere, "../shared/data/mini-pythia is not here"))
  func miniPythiaWithFiveFaultsGivesFiveFindings() throws {
    let run = StoredFormsTests.run
    let all = try RunFolder(run).entries
    let whole = try all.map { try Self.step($0.step, folder: $0.folder) }
    #expect(try Self.audit(whole) == [])
    let other = run.replacing("nano-seed0", with: "micro-seed0")
    let micro = try RunFolder(other).entries.map { try Self.step($0.step, folder: $0.folder) }
    #expect(try Self.audit(micro) == [])
    var faulty: [CheckpointAudit.Step] = []
    for entry in all where entry.step != 1500 {
      let folder =
        switch entry.step {
        case 512: "\(run)/step3000"
        case 64: "\(other)/step128"
        case 1: "\(run)/step0"
        default: entry.folder
        }
      faulty.append(
        try Self.step(
          entry.step, folder: folder,
          mixing: entry.step == 256
            ? ("\(run)/step3000", "gpt_neox.layers.3.attention.dense.weight") : nil))
    }
    let found = try Self.audit(faulty, named: all.map(\.step))
    #expect(
      found == [
        "1 identical_neighbour 0", "64 other_shape 3000", "256 mixed_upload 3000",
        "512 identical_final 3000", "1500 missing_step ",
      ])
  }
}
