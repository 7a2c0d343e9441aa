import Foundation
import Testing
import Training

@testable import Studies

/// training.yaml and a study's `training:`, read as strictly as the rest.
@Suite struct TrainingDecoderTests {
  private static let smallest = """
    name: nano
    model: {layers: 7, hidden_size: 64, heads: 4}
    data: {text: corpus.txt, vocabulary: 512}
    batch: {sequences: 16, length: 64}
    steps: 3000

    """

  private func recipe(_ text: String) throws -> TrainingRecipe {
    try TrainingDecoder.decode(text, file: "/s/training.yaml")
  }

  private func findings(_ text: String) -> [StudyFinding] {
    do {
      _ = try recipe(text)
    } catch StudyError.invalid(_, let findings) {
      return findings
    } catch { Issue.record(error) }
    return []
  }

  @Test func `the smallest recipe has Pythia's defaults`() throws {
    let recipe = try recipe(Self.smallest)
    #expect(recipe.optimiser == .init())
    #expect(recipe.optimiser.betas == [0.9, 0.95] && recipe.optimiser.weightDecay == 0.1)
    #expect(recipe.schedule.warmup == 30 && recipe.schedule.finalShare == 0.1)
    #expect(recipe.checkpoints.every == 300 && recipe.checkpoints.logSpaced)
    #expect(recipe.output == "/s/nano" && recipe.seed == 0)
    #expect(recipe.data.source == .text(path: "/s/corpus.txt", .trained(vocabulary: 512)))
  }

  @Test func `every key is read`() throws {
    let recipe = try recipe(
      """
      name: a
      model: {from: step0}
      data: {tokens: t.npy, validation: held.npy, order: sequential}
      batch: {sequences: 8, length: 32, accumulate: 4}
      optimiser: {learning_rate: 2e-3, betas: [0.8, 0.9], epsilon: 1e-6, weight_decay: 0, clip: 0}
      schedule: {warmup: 5, final_share: 0}
      steps: 100
      seed: 7
      checkpoints: {every: 50, log_spaced: false, steps: [3]}
      log_every: 1
      intervention:
        - {kind: muon, strength: 0.5, layers: [1, 2], start: 10, matrices: [dense_4h_to_h]}
      output: out/a
      """)
    #expect(recipe.model == .checkpoint(folder: "/s/step0"))
    #expect(recipe.data.source == .tokens(path: "/s/t.npy"))
    #expect(recipe.data.validation == .file("/s/held.npy") && recipe.data.order == .sequential)
    #expect(recipe.batch.tokens == 1024)
    #expect(recipe.optimiser.learningRate == 2e-3 && recipe.optimiser.clip == 0)
    #expect(recipe.schedule.warmup == 5 && recipe.schedule.finalShare == 0)
    #expect(recipe.checkpointSteps == [0, 3, 50, 100] && recipe.logEvery == 1)
    #expect(
      recipe.interventions == [
        .init(kind: .muon, strength: 0.5, layers: 1...2, start: 10, matrices: [.down])
      ])
    #expect(recipe.seed == 7 && recipe.output == "/s/out/a")
  }

  @Test func `all mistakes come at once, with line, column and what was meant`() {
    let found = findings(
      """
      name: a
      model: {layers: 7, hidden_size: 64, heads: 5}
      data: {text: corpus.txt}
      batch: {sequences: 0, length: 64}
      optimizer: {learning_rate: 1}
      optimiser: {learning_rate: fast, betas: [0.9]}
      schedule: {warmup: 200}
      steps: 100
      intervention: [{kind: moun}, {kind: low_rank, strength: 2}, {kind: muon, start: 100}]
      """)
    let lines = found.map { "\($0.line ?? 0): \($0.message)" }
    for expected in [
      "2: model.heads: 5 heads do not divide hidden_size 64",
      "3: data: a text needs either", "4: batch.sequences: must be at least 1",
      "5: optimizer: unknown key; did you mean optimiser?",
      "6: optimiser.learning_rate: expected a number, found \"fast\"",
      "6: optimiser.betas: expected two numbers", "7: schedule.warmup: 200 steps of warm-up",
      "9: intervention[0].kind: \"moun\" is not one of", "did you mean muon?",
      "9: intervention[1].strength: expected 0.001 to 0.999 (the share of the rank",
      "muon starts at step 100, the last is 100",
    ] {
      #expect(lines.contains { $0.contains(expected) }, "\(expected)")
    }
    #expect(found.allSatisfy { $0.line != nil && $0.column != nil })
  }

  @Test func `one mistake hides no other`() {
    let found = findings(
      """
      name: a
      model: {layers: 0, hidden_size: 65, heads: 2, context: 1}
      data: {text: corpus.txt, vocabulary: 100, order: shufled, validation: 2}
      batch: {sequences: 16, length: 64}
      steps: none
      intervention: [{kind: muon, start: 5}]
      """
    ).map(\.message)
    for expected in [
      "model.layers: must be", "model.heads: 2 heads do not divide", "model.context: must be",
      "data.vocabulary: must be", "data.order: \"shufled\"", "data.validation: expected 0.0 to 0.9",
      "steps: expected a whole number",
    ] {
      #expect(found.contains { $0.hasPrefix(expected) }, "\(expected)")
    }
    // Without a number of steps no start lies beyond the last.
    #expect(found.count == 7)
  }

  @Test func `files that are not there are mistakes where something is to be trained`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tend-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "training.yaml").path
    try Self.smallest.write(toFile: file, atomically: true, encoding: .utf8)
    _ = try TrainingDecoder.decode(file: file)
    let finding = StudyFinding(
      line: 3, column: 14, "data.text: nothing is at \(folder.path)/corpus.txt")
    #expect(throws: StudyError.invalid(file: file, [finding])) {
      try TrainingDecoder.decode(file: file, needsFiles: true)
    }
    #expect(try !TrainingDecoder.isStudy(file))
  }

  @Test(arguments: [nil, "1/2"])
  func `a study names what its recipes lack before anything starts`(shard: String?) throws {
    try withStudy(
      """
      training: [{recipe: nano.yaml, seeds: [0, 1]}]
      probes: [{name: p, tokens: runs/nano-seed0/validation.npy}]
      """
    ) { result in
      guard let study = try? result.get() else {
        Issue.record("\(result)")
        return
      }
      do {
        try "name: s\ntraining: [{recipe: nano.yaml, seeds: [0, 1]}]\n".write(
          toFile: study.file, atomically: true, encoding: .utf8)
        if shard != nil {
          try "In the beginning".write(
            toFile: study.folder + "/corpus.txt", atomically: true, encoding: .utf8)
        }
        let runner = try StudyRunner(
          file: study.file,
          options: StudyOptions(
            threads: 1, command: "tend run", shard: shard.flatMap { Shard($0) }), events: { _ in })
        #expect(try TrainingDecoder.isStudy(study.file))
        _ = try runner.run()
        Issue.record("nothing was missing")
      } catch StudyError.invalid(_, let findings) {
        let expected =
          shard == nil
          ? "training: a recipe needs \(study.folder)/corpus.txt: nothing is there"
          : "training: 2 of 2 runs are not trained yet, nano-seed0 first"
        #expect(findings.count == 1 && findings[0].message.hasPrefix(expected), "\(findings)")
        #expect(findings[0].line == 2)
        #expect(!FileManager.default.fileExists(atPath: study.folder + "/.tend"))
      } catch { Issue.record(error) }
    }
  }

  @Test(arguments: [
    "steps: .inf", "steps: 1e300", "steps: -5", "steps: [1]", "seed: -1", "seed: {a: 1}",
    "optimiser: {clip: .nan}", "data: &a {tokens: x}", "model: *a", "name: a/b", "batch: 5",
    "checkpoints: {every: 0}", "log_every: 0", "intervention: {kind: muon}", "model: {from: []}",
  ])
  func `hostile values are findings`(line: String) throws {
    let key = line.prefix { $0 != ":" }
    let rest = Self.smallest.split(separator: "\n").filter { !$0.hasPrefix(key + ":") }
    #expect(!findings((rest + [Substring(line)]).joined(separator: "\n")).isEmpty)
  }

  private func withStudy(_ training: String, _ body: (Result<Study, any Error>) -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tend-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Self.smallest.write(
      to: folder.appending(path: "nano.yaml"), atomically: true, encoding: .utf8)
    try "name: broken\nsteps: x\n".write(
      to: folder.appending(path: "broken.yaml"), atomically: true, encoding: .utf8)
    let file = folder.appending(path: "study.yaml").path
    body(Result { try StudyDecoder.decode("name: s\n" + training, file: file) })
  }

  @Test func `arms and seeds become runs`() throws {
    try withStudy(
      """
      training:
        - recipe: nano.yaml
          seeds: [0, 4]
          arms:
            muon: [{kind: muon}]
      """
    ) { result in
      guard let study = try? result.get() else {
        Issue.record("\(result)")
        return
      }
      #expect(
        study.runs.map(\.name) == [
          "nano-seed0", "nano-seed4", "nano-muon-seed0", "nano-muon-seed4",
        ])
      #expect(study.runs.map { $0.arm ?? "" } == ["", "", "muon", "muon"])
      #expect(study.runs.allSatisfy { $0.group == "s" })
      let last = study.runs[3]
      #expect(last.training?.seed == 4 && last.training?.interventions.map(\.kind) == [.muon])
      #expect(last.checkpoints == study.folder + "/runs/nano-muon-seed4")
      #expect(last.training?.output == last.checkpoints)
    }
  }

  @Test func `mistakes in a recipe are told with both places`() throws {
    try withStudy(
      """
      training:
        - recipe: broken.yaml
        - {recipe: nano.yaml, seeds: [1, 1], arms: {none: []}}
      """
    ) { result in
      guard case .failure(StudyError.invalid(_, let findings)) = result else {
        Issue.record("\(result)")
        return
      }
      let lines = findings.map { "\($0.line ?? 0): \($0.message)" }
      for expected in [
        "3: training[0].recipe: broken.yaml:1:1: model is missing", "broken.yaml:2:8: steps",
        "4: training[1].seeds[1]: seed 1 stands here twice",
        "4: training[1].arms.none: names no intervention",
      ] {
        #expect(lines.contains { $0.contains(expected) }, "\(expected) in \(lines)")
      }
    }
  }
}
