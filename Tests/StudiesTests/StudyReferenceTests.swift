import Files
import Foundation
import Tensors
import Testing

@testable import Studies

/// The guide's reference of study.yaml is made from the schema, which StudySchemaTests hold against the
/// decoder. `RECORD_SNAPSHOTS=1` writes the page anew, and fails so that nobody leaves it on.
@Suite struct StudyReferenceTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func schema() throws -> JSONValue {
    let path = Self.root.appending(path: "assets/study.schema.json").path
    return try JSONReader.read(try FileReader(path).readAll())
  }

  @Test func thePageIsMadeFromTheSchema() throws {
    let page = Self.root.appending(path: "site/pages/study-yaml.md")
    let text = StudyReferencePage(schema: try schema()).markdown
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try text.write(to: page, atomically: true, encoding: .utf8)
      Issue.record("recorded site/pages/study-yaml.md")
      return
    }
    #expect(
      try String(contentsOf: page, encoding: .utf8) == text,
      "the schema has changed: run this test once with RECORD_SNAPSHOTS=1")
  }

  @Test func everyKeySaysWhatItIs() throws {
    func look(_ object: JSONValue, at path: String) {
      for member in object["properties"]?.members ?? [] {
        let place = path + member.name
        #expect(member.value["description"]?.string?.isEmpty == false, "\(place)")
        look(member.value, at: place + ".")
        if let items = member.value["items"] { look(items, at: place + "[].") }
      }
    }
    look(try schema(), at: "")
  }

  /// A study that leaves a key out is the study that gives its default.
  @Test func theDefaultsAreTheDecoders() throws {
    let measure = try #require(try schema()["properties"]?["measure"]?["properties"]?.members)
    let start = "name: s\nruns: [{name: a, checkpoints: x}]\n"
    let plain = try StudyDecoder.decode(start, file: "/s/study.yaml")
    var given = start + "seed: 0\nanalysis: {audit: drop}\nmeasure:\n"
    for member in measure {
      switch member.value["default"] {
      case .array(let words)?:
        given += "  \(member.name): [\(words.compactMap(\.string).joined(separator: ", "))]\n"
      case .bool(let value)?: given += "  \(member.name): \(value)\n"
      case nil: given += "  \(member.name): {batches: probe}\n"
      default: Issue.record("\(member.name): no test for such a default")
      }
    }
    let full = try StudyDecoder.decode(given, file: "/s/study.yaml")
    #expect(full.measure == plain.measure)
    #expect(full.seed == plain.seed && full.analysis == plain.analysis)
  }
}

/// The schema as a page of the guide.
private struct StudyReferencePage {
  let schema: JSONValue

  var markdown: String {
    var text = """
      ---
      title: study.yaml
      description: Every key of study.yaml, what it means and what holds without it.
      section: Guide
      order: 20
      ---

      # study.yaml

      \(schema["description"]?.string ?? "") Paths are relative to the file. `tend init` writes a commented
      one, `tend check` finds every mistake in yours; an editor that knows JSON Schema completes it with
      `assets/study.schema.json`. This page is made from that schema, which the tests hold against the
      program itself.

      ## At the top


      """
    text += table(schema)
    var parts = objects(in: schema, path: "")
    while !parts.isEmpty {
      let part = parts.removeFirst()
      text += "\n## \(part.path)\n\n\(part.words)\n\n" + table(part.object)
      parts = objects(in: part.object, path: part.path + ".") + parts
    }
    return text
  }

  private func objects(
    in object: JSONValue, path: String
  ) -> [(path: String, words: String, object: JSONValue)] {
    (object["properties"]?.members ?? []).compactMap { member in
      let words = member.value["description"]?.string ?? ""
      if member.value["properties"] != nil { return (path + member.name, words, member.value) }
      guard let items = member.value["items"], items["properties"] != nil else { return nil }
      return (path + member.name, words + " Each entry of the list has:", items)
    }
  }

  private func table(_ object: JSONValue) -> String {
    let required = object["required"]?.elements?.compactMap(\.string) ?? []
    var text = "| key | takes | without it | meaning |\n|---|---|---|---|\n"
    for member in object["properties"]?.members ?? [] {
      let value = member.value
      let absent =
        required.contains(member.name)
        ? "a mistake" : value["default"].map { "`\(spelled($0))`" } ?? "–"
      let meaning = value["description"]?.string ?? ""
      text += "| `\(member.name)` | \(kind(value)) | \(absent) | \(meaning)\(choices(value)) |\n"
    }
    return text
  }

  private func kind(_ value: JSONValue) -> String {
    if value["enum"] != nil { return "a word" }
    switch value["type"] {
    case .string("array")?: return value["items"]?["properties"] == nil ? "a list" : "entries"
    case .string("object")?: return "keys, below"
    case .string("integer")?: return "a whole number"
    case .string("boolean")?: return "true or false"
    default: return "a text"
    }
  }

  private func choices(_ value: JSONValue) -> String {
    let words = (value["enum"] ?? value["items"]?["enum"])?.elements?.compactMap(\.string) ?? []
    return words.isEmpty ? "" : " Of: " + words.map { "`\($0)`" }.joined(separator: ", ") + "."
  }

  private func spelled(_ value: JSONValue) -> String {
    switch value {
    case .array(let elements): "[" + elements.map(spelled).joined(separator: ", ") + "]"
    case .bool(let value): "\(value)"
    case .string(let text): text
    case .number(let number): number.text
    default: ""
    }
  }
}
