import Testing
import Tokenization

/// A tokenizer.json is data from a stranger: what it must not be is an error that names the place.
@Suite struct HostileTokenizerTests {
  private static func file(
    vocabulary: String = #"{"a":0,"b":1,"ab":2}"#, merges: String = #"[["a","b"]]"#,
    preTokenizer: String = #"{"type":"ByteLevel","add_prefix_space":false}"#,
    added: String = "[]", more: String = ""
  ) -> String {
    #"{"added_tokens":\#(added),"pre_tokenizer":\#(preTokenizer)\#(more),"#
      + #""model":{"type":"BPE","vocab":\#(vocabulary),"merges":\#(merges)}}"#
  }

  private static func place(of text: String) -> String? {
    do {
      _ = try Tokenizer(Array(text.utf8), path: "t.json")
      return nil
    } catch {
      switch error {
      case .malformed(_, let place, _, _), .unsupported(_, let place, _, _): return place
      case .byteWithoutToken, .notUTF8, .file: return "\(error)"
      }
    }
  }

  @Test("The small file that the others are made from is sound")
  func sound() throws {
    let tokenizer = try Tokenizer(Array(Self.file().utf8), path: "t.json")
    #expect(try tokenizer.encode("aab") == [0, 2])
    #expect(throws: TokenizerError.byteWithoutToken(file: "t.json", byte: 0x63)) {
      try tokenizer.encode("abc")
    }
  }

  @Test(
    "Each mistake is told with its place",
    arguments: [
      (file(merges: #"[["a","c"]]"#), "model.merges[0]"),
      (file(merges: #"["a b","ab a"]"#), "model.merges[1]"),
      (file(merges: #"["a b c"]"#), "model.merges[0]"),
      (file(merges: #"[["a"]]"#), "model.merges[0]"),
      (file(merges: "{}"), "model.merges"),
      (file(vocabulary: #"{"a":0,"b":0}"#), #"model.vocab."b""#),
      (file(vocabulary: #"{"a":0,"b":-1}"#), #"model.vocab."b""#),
      (file(vocabulary: #"{"a":0,"b":1.0}"#), #"model.vocab."b""#),
      (file(vocabulary: #"{"a":0,"b":4294967296}"#), #"model.vocab."b""#),
      (file(added: #"[{"id":9,"content":"<x>"}]"#), "added_tokens[0].id"),
      (file(added: #"[{"id":1,"content":"a"}]"#), "added_tokens[0].id"),
      (file(added: #"[{"id":3,"content":""}]"#), "added_tokens[0].content"),
      (file(preTokenizer: "null"), "pre_tokenizer"),
      (file(preTokenizer: #"{"type":"Whitespace"}"#), "pre_tokenizer.type"),
      (
        file(
          preTokenizer: #"{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":"#
            + #"{"Regex":"(a+)+$"},"behavior":"Isolated"},{"type":"ByteLevel"}]}"#),
        "pre_tokenizer.pretokenizers[0].pattern"
      ),
      (file(more: #","normalizer":{"type":"NFKC"}"#), "normalizer.type"),
      (file(more: #","post_processor":{"type":"RobertaProcessing"}"#), "post_processor.type"),
      (
        file(more: #","post_processor":{"type":"TemplateProcessing","single":[]}"#),
        "post_processor.single"
      ),
      (file(more: #","decoder":{"type":"WordPiece"}"#), "decoder.type"),
    ])
  func mistakes(text: String, place: String) {
    #expect(Self.place(of: text) == place)
  }

  @Test("Nesting without end and a name twice are errors of the JSON")
  func json() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(Self.place(of: deep) == "byte 33")
    #expect(Self.place(of: #"{"model":1,"model":2}"#) == "byte 11")
  }

  @Test("Text that is no UTF-8 is told with its offset")
  func notUTF8() throws {
    var encoder = TokenEncoder(try Tokenizer(Array(Self.file().utf8), path: "t.json"))
    #expect(throws: TokenizerError.notUTF8(file: "x.txt", offset: 2)) {
      try encoder.encode([0x61, 0x62, 0xC3, 0x28], of: "x.txt", usesTemplate: true)
    }
  }
}
