import Foundation
import Testing

@testable import Studies

/// A study.yaml that is wrong: every mistake at once, each on its line, quickly.
@Suite struct MistakesTests {
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "tend-mistakes-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func findings(_ file: URL) throws -> [StudyFinding] {
    do {
      _ = try StudyDecoder.decode(file: file.path)
      return []
    } catch StudyError.invalid(_, let findings) {
      return findings
    }
  }

  private func findings(_ text: String) throws -> [StudyFinding] {
    var found: [StudyFinding] = []
    try withFolder { folder in
      let file = folder.appending(path: "study.yaml")
      try text.write(to: file, atomically: true, encoding: .utf8)
      found = try findings(file)
    }
    return found
  }

  /// Mistakes that the text shows and those that only the disk shows, in one go.
  @Test func tenMistakesAreTenLines() throws {
    let found = try findings(
      """
      name: a/b
      titel: t
      runs:
        - name: one
          checkpoints: nowhere
          steps: [1, two]
        - checkpoints: /dev/null
        - {name: one, checkpoints: .}
      probes:
        - {name: p, tokens: missing.npy}
      measure:
        objects: [wieghts]
        rows: [some]
        heads: perhaps
      """)
    let lines = found.map { "\($0.line ?? 0): \($0.message)" }
    for (line, words) in [
      (1, "no slash"), (2, "did you mean title"), (5, "nowhere"), (6, "whole number"),
      (7, "name is missing"), (8, "is the name of the run in line 4"), (10, "missing.npy"),
      (12, "did you mean weights"), (13, "sample:k"), (14, "true or false"),
    ] {
      #expect(found.contains { $0.line == line && $0.message.contains(words) }, "\(line) \(lines)")
    }
    #expect(found.allSatisfy { $0.line != nil && $0.column != nil })
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0 != $1 })
    #expect(found.count >= 10 && found.count <= 12, "\(lines)")
  }

  /// What cannot be read does not shift the places of what follows it.
  @Test func laterElementsKeepTheirPlaces() throws {
    let found = try findings(
      """
      name: s
      runs:
        - nonsense
        - {name: b, checkpoints: nowhere}
      probes:
        - {tokens: x.npy}
        - {name: q, tokens: missing.npy}
      """)
    #expect(found.map(\.line) == [3, 4, 6, 7])
    #expect(found.last?.message.hasPrefix("probes[1].tokens:") == true)
  }

  private static let laughs: String = {
    var text = "name: s\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    for level in 1..<40 {
      let names = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(names)]\n"
    }
    while text.utf8.count < 1 << 20 - 4096 { text += "# \(String(repeating: "x", count: 200))\n" }
    return text
  }()

  @Test(arguments: [
    ("a megabyte of aliases", laughs, "anchors and aliases"),
    (
      "many aliases",
      "name: s\na: &a [x]\nb: [" + String(repeating: "*a, ", count: 250_000) + "x]", "1000 aliases"
    ),
    ("brackets", "name: " + String(repeating: "[", count: 1_000_000), "nests deeper"),
    ("braces", "name: " + String(repeating: "{a: ", count: 250_000), "nests deeper"),
    ("lists in a line", "name:\n" + String(repeating: "- ", count: 500_000) + "x", "nests deeper"),
    ("complex keys", String(repeating: "? ", count: 500_000) + "x", "nests deeper"),
    ("nothing", "", "is empty"),
    ("comments alone", "# one\n# two\n", "is empty"),
    ("a merge key", "name: s\nruns:\n  - &a {name: a, checkpoints: x}\n  - <<: *a\n", "anchors"),
    ("two documents", "name: s\n---\nname: t\n", "not valid YAML"),
    ("a tab", "name: s\nruns:\n\t- x\n", "not valid YAML"),
    ("a number", "12", "expected keys"),
    ("a control character", "name: \u{7}", "not valid YAML"),
  ])
  func aHostileTextIsAnError(what: String, text: String, words: String) throws {
    let found = try findings(text)
    #expect(found.contains { $0.message.contains(words) }, "\(what): \(found)")
    #expect(found.allSatisfy { $0.message.utf8.count < 500 }, "\(what)")
  }

  @Test func deepIndentationIsNoCrash() throws {
    var text = "name: s\n"
    for level in 0..<1200 { text += String(repeating: " ", count: level) + "k:\n" }
    #expect(!(try findings(text)).isEmpty)
  }

  @Test func aFileThatIsNoTextIsTold() throws {
    try withFolder { folder in
      let file = folder.appending(path: "study.yaml")
      try Data([0x6E, 0x61, 0x6D, 0x65, 0x3A, 0x20, 0xE9]).write(to: file)
      #expect(try findings(file).map(\.message) == ["is not UTF-8"])
      try FileManager.default.removeItem(at: file)
      #expect(try findings(file).first?.message.contains("No such file") == true)
      #expect(mkfifo(file.path, 0o600) == 0)
      #expect(try findings(file).map(\.message) == ["expected a file, found a pipe"])
      #expect(try findings(folder).first?.message.contains("a folder") == true)
      #expect(
        try findings(URL(fileURLWithPath: "/dev/zero")).first?.message.contains("a device") == true)
      let large = folder.appending(path: "large.yaml")
      try Data(count: 2 << 20).write(to: large)
      #expect(try findings(large).first?.message.contains("at most 1048576") == true)
    }
  }

  @Test(arguments: [
    "a/b", "../x", "..", "\\u0007", "a\\nb", "", String(repeating: "n", count: 121),
  ])
  func aNameThatIsNoNameIsTold(name: String) throws {
    let found = try findings("name: s\nruns:\n  - {name: \"\(name)\", checkpoints: .}")
    #expect(found.contains { $0.line == 3 && $0.message.hasPrefix("runs[0].name") }, "\(found)")
  }
}
