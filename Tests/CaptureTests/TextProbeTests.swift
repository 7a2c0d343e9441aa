import Foundation
import LanguageModels
import Testing
import Tokenization

@testable import Capture

/// Probes cut from texts and JSONL: what is taken, and what is said of it.
@Suite struct TextProbeTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "tend-text-probe-\(UUID().uuidString)").path(percentEncoded: false)

  /// a, b, their pair, a space, the end of a text; one token a letter but for "ab".
  private let tokenizer = #"""
    {"added_tokens":[{"id":4,"content":"<|endoftext|>","special":true,"normalized":false}],
     "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
     "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"Ġ":3},"merges":["a b"]}}
    """#

  private func write(_ name: String, _ text: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/\(name)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func source(_ name: String, _ text: String) throws -> TextSource {
    TextSource(
      path: try write(name, text), tokenizer: try write("tokenizer.json", tokenizer))
  }

  @Test("Windows follow each other without overlap; what is left over is not padded")
  func windows() throws {
    var text = try source("a.txt", "abba abab aab")
    (text.length, text.skip) = (3, 1)
    // ab b a Ġ ab ab Ġ a ab
    let probe = try Probe(name: "p", source: .text(text))
    #expect(probe.batch == TokenBatch(sequences: 2, length: 3, tokens: [1, 0, 3, 2, 2, 3]))
    #expect(probe.notes.count == 1)
    #expect(probe.notes[0].contains("2 sequences of 3 tokens"))
    #expect(probe.notes[0].contains("tokens 1 to 6 of 9 in 1 document"))
  }

  @Test("Documents of a .jsonl file end with the separator; empty lines are passed over")
  func jsonLines() throws {
    var text = try source("a.jsonl", "{\"text\": \"ab\"}\n\n{\"id\": 1, \"text\": \"ba\"}\n")
    text.length = 5
    let probe = try Probe(name: "p", source: .text(text))
    #expect(probe.batch.tokens == [2, 4, 1, 0, 4])
    #expect(probe.notes[0].contains("2 documents, <|endoftext|> behind each"))
    text.field = "body"
    #expect(throws: CaptureError.self) { try Probe(name: "p", source: .text(text)) }
    text.field = "text"
    text.separator = "<none>"
    #expect(throws: CaptureError.self) { try Probe(name: "p", source: .text(text)) }
  }

  @Test("A text that is too short for the sequences that are named is an error")
  func tooShort() throws {
    var text = try source("a.txt", "abab")
    (text.length, text.sequences) = (2, 3)
    #expect {
      try Probe(name: "p", source: .text(text))
    } throws: { error in
      "\(error)".contains("3 sequences of 2 tokens") && "\(error)".contains("found 2 tokens")
    }
  }

  @Test("The same tokens are the same probe, whatever they were made from")
  func digest() throws {
    var text = try source("a.txt", "abab")
    text.length = 2
    var lines = try source("a.jsonl", "{\"text\": \"abab\"}")
    (lines.length, lines.sequences) = (2, 1)
    let (first, second) = (
      try Probe(name: "p", source: .text(text)), try Probe(name: "q", source: .text(lines))
    )
    #expect(first.batch == second.batch && first.digest == second.digest)
  }
}
