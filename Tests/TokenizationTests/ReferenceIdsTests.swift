import Foundation
import Tensors
import Testing
import Tokenization

/// Ids of the tokenizers library, stored by scripts/reference/tokenization.py.
@Suite struct ReferenceIdsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let shared =
    (ProcessInfo.processInfo.environment["TEND_SHARED"]
      ?? root.appending(path: "../shared").standardizedFileURL.path(percentEncoded: false))
    + "/data/mini-pythia"
  static var hasShared: Bool { FileManager.default.fileExists(atPath: "\(shared)/README.md") }

  private static func json(_ path: String) throws -> JSONValue {
    try JSONReader.read([UInt8](Data(contentsOf: URL(filePath: path))))
  }

  private struct Case {
    let text: String
    let ids: [Int]

    init(_ value: JSONValue) throws {
      text = try #require(value["text"]?.string)
      ids = try #require(value["ids"]?.elements).compactMap(\.integer)
    }
  }

  @Test(
    "Ids are those of the library",
    arguments: [
      "gpt_neox", "gpt_neox_spaces", "gpt2", "gpt2_prefix_space", "llama3", "gpt4", "possessive",
      "qwen2", "smollm", "digit_runs", "added_tokens",
    ])
  func idsOfTheLibrary(name: String) throws {
    let path = Self.root.appending(path: "Tests/Fixtures/tokenization/reference.json")
    let variants = try #require(Self.json(path.path(percentEncoded: false))["variants"]?.elements)
    let variant = try #require(variants.first { $0["name"]?.string == name })
    let tokenizer = try Tokenizer(
      Array(try #require(variant["tokenizer"]?.string).utf8), path: "tokenizer.json")
    let cases = try #require(variant["cases"]?.elements).map(Case.init)
    #expect(cases.count > 10)
    for example in cases {
      #expect(try tokenizer.encode(example.text) == example.ids, "\(example.text.debugDescription)")
    }
  }

  @Test("A text comes back where nothing was normalised or added")
  func roundTrip() throws {
    let path = Self.root.appending(path: "Tests/Fixtures/tokenization/reference.json")
    let variants = try #require(Self.json(path.path(percentEncoded: false))["variants"]?.elements)
    for name in ["gpt2", "llama3", "smollm"] {
      let variant = try #require(variants.first { $0["name"]?.string == name })
      let tokenizer = try Tokenizer(
        Array(try #require(variant["tokenizer"]?.string).utf8), path: "tokenizer.json")
      for example in try #require(variant["cases"]?.elements).map(Case.init) {
        let ids = try tokenizer.encode(example.text, usesTemplate: false)
        let text = tokenizer.decode(ids)
        #expect(text.utf8.elementsEqual(example.text.utf8))
      }
    }
  }

  @Test(
    "The cases of mini-pythia have the library's ids and texts",
    .enabled(if: hasShared, "needs ../shared/data/mini-pythia beside the repository"))
  func miniPythia() throws {
    let tokenizer = try Tokenizer(path: "\(Self.shared)/tokenizer.json")
    let cases = try #require(
      Self.json("\(Self.shared)/golden/tokenizer_cases.json")["cases"]?.elements)
    #expect(cases.count > 50)
    for value in cases {
      let example = try Case(value)
      #expect(try tokenizer.encode(example.text) == example.ids, "\(example.text.debugDescription)")
      let decoded = try #require(value["decoded"]?.string)
      #expect(tokenizer.decode(example.ids).utf8.elementsEqual(decoded.utf8))
    }
  }

  @Test("A million repeated characters are one linear pass")
  func repeated() throws {
    let path = Self.root.appending(path: "Tests/Fixtures/tokenization/reference.json")
    let variants = try #require(Self.json(path.path(percentEncoded: false))["variants"]?.elements)
    let tokenizer = try Tokenizer(
      Array(try #require(variants[0]["tokenizer"]?.string).utf8), path: "tokenizer.json")
    for character in ["^", " ", "\u{301}"] {
      let text = String(repeating: character, count: 1_000_000)
      let ids = try tokenizer.encode(text)
      #expect(tokenizer.decode(ids).utf8.elementsEqual(text.utf8))
    }
  }
}
