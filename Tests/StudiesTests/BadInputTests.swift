import Foundation
import Testing

@testable import Studies

/// Inputs that are wrong: everything is found before anything is started, and nothing is written.
@Suite struct BadInputTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Runs `body` in a copy of the fixture.
  private func withFixture(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "tend-bad-\(UUID().uuidString)")
    try FileManager.default.copyItem(
      at: Self.root.appending(path: "Tests/Fixtures/nano"), to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private static let probes = "probes: [{name: a, tokens: tokens.npy}]"

  /// What inspecting a study says, by line; the run is then not to be started.
  private func findings(_ folder: URL, _ text: String) throws -> [String] {
    let file = folder.appending(path: "study.yaml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    do {
      let runner = try StudyRunner(
        file: file.path, options: StudyOptions(threads: 1, command: "test")
      ) { _ in }
      _ = try StudyInspector.inspect(runner.study, shownAs: "study.yaml")
      return []
    } catch StudyError.invalid(_, let findings) {
      #expect(StudyError.invalid(file: "", []).exitCode == .invalid)
      for made in [".tend", "results", "figures", "site"] {
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: made).path))
      }
      return findings.map { "\($0.line ?? 0): \($0.message)" }
    }
  }

  @Test func aMissingFinalCheckpointNamesTheNearest() throws {
    try withFixture { folder in
      let found = try findings(
        folder, "name: s\nruns:\n  - {name: a, checkpoints: ., final: 2500}\n\(Self.probes)")
      #expect(found == ["3: runs[0].final: step 2500 not found; nearest are 2000, 3000"])
    }
  }

  @Test func mistakesInPagesAreToldBeforeAnythingIsMeasured() throws {
    try withFixture { folder in
      let pages = folder.appending(path: "pages")
      try FileManager.default.createDirectory(at: pages, withIntermediateDirectories: true)
      try "# A\n\n{{at_0.2 nobody mlp}}\n".write(
        to: pages.appending(path: "a.md"), atomically: true, encoding: .utf8)
      let file = folder.appending(path: "study.yaml")
      try "name: s\nruns:\n  - {name: a, checkpoints: .}\n\(Self.probes)".write(
        to: file, atomically: true, encoding: .utf8)
      let runner = try StudyRunner(
        file: file.path, options: StudyOptions(threads: 1, command: "test")
      ) { _ in }
      for body in [{ _ = try runner.run() }, { _ = try runner.check() }] {
        let error = #expect(throws: StudyError.self) { try body() }
        #expect(error?.exitCode == .invalid)
        #expect(
          error?.description
            == "pages/a.md:3: {{at_0.2 nobody mlp}}: no run is called \"nobody\"; the runs are a")
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "results").path))
    }
  }

  @Test func twoRunsOfOneNameAreTold() throws {
    try withFixture { folder in
      let found = try findings(
        folder,
        "name: s\nruns:\n  - {name: a, checkpoints: .}\n  - {name: a, checkpoints: .}\n\(Self.probes)"
      )
      #expect(found.count == 1 && found[0].contains("the name of the run in line 3"))
    }
  }

  /// An .npy array of int32.
  private func write(_ tokens: [Int32], _ shape: String, to file: URL) throws {
    var header = "{'descr': '<i4', 'fortran_order': False, 'shape': \(shape), }"
    header += String(repeating: " ", count: 117 - header.count) + "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8))
    tokens.withUnsafeBytes { data.append(contentsOf: $0) }
    try data.write(to: file)
  }

  @Test(arguments: [
    ([Int32](repeating: 1023, count: 8) + [1024, 0], "(1, 10)", "token 1024 is outside"),
    ([Int32](repeating: 0, count: 257), "(1, 257)", "257 tokens, the model's context has 256"),
    ([Int32](repeating: 0, count: 4), "(4,)", "shape [4]"),
    ([Int32](repeating: 0, count: 4), "(4, 1)", "at least 2 tokens"),
    ([Int32](repeating: -1, count: 4), "(2, 2)", "token -1 is outside"),
  ])
  func aProbeThatDoesNotFitIsTold(tokens: [Int32], shape: String, words: String) throws {
    try withFixture { folder in
      try write(tokens, shape, to: folder.appending(path: "bad.npy"))
      let found = try findings(
        folder,
        "name: s\nruns: [{name: a, checkpoints: .}]\nprobes:\n  - {name: p, tokens: bad.npy}")
      #expect(found.count == 1)
      #expect(found.first?.contains(words) == true, "\(found)")
      #expect(found.first?.hasPrefix("4: probes[0].tokens:") == true)
    }
  }

  @Test(arguments: ["/dev/zero", "missing.npy", ".", "step0/model.safetensors"])
  func aProbeThatIsNoArrayIsTold(path: String) throws {
    try withFixture { folder in
      let found = try findings(
        folder,
        "name: s\nruns: [{name: a, checkpoints: .}]\nprobes: [{name: p, tokens: \(path)}]")
      #expect(found.count == 1 && found[0].hasPrefix("3: probes[0].tokens:"))
    }
  }

  @Test func aFileWhereResultsShouldGoIsTold() throws {
    try withFixture { folder in
      let file = folder.appending(path: "study.yaml")
      try Data().write(to: folder.appending(path: "results"))
      let runner = try StudyRunner(
        file: file.path, options: StudyOptions(threads: 1, command: "test")
      ) { _ in }
      #expect {
        try runner.run()
      } throws: { error in
        guard case .invalid(_, let findings) = error as? StudyError else { return false }
        return findings.count == 1 && findings[0].message.contains("/results:")
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: ".tend").path))
    }
  }

  @Test func activationsWithoutAProbeAreAMistakeOnlyWhereTheyAreNamed() throws {
    try withFixture { folder in
      let runs = "name: s\nruns: [{name: a, checkpoints: .}]\n"
      let named = try findings(folder, runs + "measure:\n  objects: [activations]")
      #expect(
        named.first?.hasPrefix("4: measure.objects: activations need a probe") == true)
      let left = try findings(folder, runs)
      #expect(left.isEmpty)
    }
  }

  @Test func aFinalCheckpointThatCannotBeReadStopsTheStudy() throws {
    try withFixture { folder in
      try FileManager.default.removeItem(at: folder.appending(path: "step3000/config.json"))
      let found = try findings(
        folder, "name: s\nruns: [{name: a, checkpoints: .}]\n\(Self.probes)")
      #expect(found.count == 1 && found[0].contains("the final checkpoint cannot be read"))
      #expect(found.first?.contains("config.json") == true)
    }
  }

  @Test(arguments: [
    ("reference: {run: b, step: 0}", "no run is called \"b\""),
    ("reference: {run: a, step: 5}", "run a has no readable step 5; nearest are 0, 16"),
  ])
  func aReferenceThatIsNotThereIsTold(key: String, words: String) throws {
    try withFixture { folder in
      let found = try findings(
        folder, "name: s\nruns: [{name: a, checkpoints: ., \(key)}]\n\(Self.probes)")
      #expect(found.count == 1 && found[0].contains(words), "\(found)")
    }
  }
}
