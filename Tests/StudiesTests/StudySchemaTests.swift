import Foundation
import Testing

@testable import Studies

/// The schema that editors use says what the decoder does.
@Suite struct StudySchemaTests {
  private static let file = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "assets/study.schema.json")

  private func schema() throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: Self.file)) as? [String: Any])
  }

  private func properties(_ object: Any?) throws -> [String: Any] {
    try #require((object as? [String: Any])?["properties"] as? [String: Any])
  }

  private func words(_ object: Any?) throws -> [String] {
    let items = try #require((object as? [String: Any])?["items"] as? [String: Any])
    return try #require(items["enum"] as? [String])
  }

  /// The keys that the decoder lists when it meets an unknown one at `prefix`.
  private func known(_ text: String) throws -> Set<String> {
    do {
      _ = try StudyDecoder.decode(text, file: "/s/study.yaml")
    } catch StudyError.invalid(_, let findings) {
      let finding = try #require(findings.first { $0.message.contains("unknown key; known:") })
      let list = try #require(finding.message.components(separatedBy: "known: ").last)
      return Set(list.components(separatedBy: ", "))
    }
    Issue.record("nothing was found wrong in \(text)")
    return []
  }

  @Test func theKeysAreTheDecoders() throws {
    let top = try properties(try schema())
    let start = "name: s\nruns: [{name: a, checkpoints: x}]\n"
    #expect(try known(start + "zzzzzzzz: 1") == Set(top.keys))
    let run = try properties((top["runs"] as? [String: Any])?["items"])
    #expect(
      try known("name: s\nruns: [{name: a, checkpoints: x, zzzzzzzz: 1}]") == Set(run.keys))
    let probe = try properties((top["probes"] as? [String: Any])?["items"])
    #expect(
      try known(start + "probes: [{name: a, tokens: x, zzzzzzzz: 1}]") == Set(probe.keys))
    let gradients = try properties(try properties(top["measure"])["gradients"])
    #expect(try known(start + "measure: {gradients: {zzzzzzzz: 1}}") == Set(gradients.keys))
    for key in ["measure", "analysis", "site", "slurm"] {
      #expect(
        try known(start + "\(key): {zzzzzzzz: 1}") == Set(try properties(top[key]).keys), "\(key)")
    }
  }

  @Test func theWordsAreTheDecoders() throws {
    let measure = try properties(try properties(try schema())["measure"])
    for (key, vocabulary) in [
      ("objects", MeasureVocabulary.objects), ("components", MeasureVocabulary.components),
      ("similarity", MeasureVocabulary.similarity), ("spectra", MeasureVocabulary.spectra),
      ("variants", MeasureVocabulary.variants),
    ] {
      #expect(try words(measure[key]) == vocabulary.known, "\(key)")
    }
  }

  /// The commented study decodes as it stands, and with its comments taken off line by line nothing
  /// in it is unknown.
  @Test func theCommentedStudyIsValid() throws {
    let file = Self.file.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "templates/study.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    _ = try StudyDecoder.decode(text, file: "/s/study.yaml")
    let keys = text.components(separatedBy: "\n").filter {
      $0.hasPrefix("#   ") || $0.hasPrefix("    # ")
    }
    #expect(keys.count >= 15)
    for key in MeasureVocabulary.keys { #expect(text.contains("\(key):"), "\(key)") }
  }
}
