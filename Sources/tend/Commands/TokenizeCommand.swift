import ArgumentParser
import Files
import Studies
import Tokenization

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Shows what a tokenizer.json makes of a text: ids, pieces, counts.",
    discussion: """
      Gives the ids of the Hugging Face tokenizers library, for byte-level BPE (GPT-NeoX, GPT-2, \
      Llama 3, OLMo). What the file's template puts around a text is there too, as in the library.
      """)

  @Argument(help: "A text in UTF-8.", completion: .file())
  var text: String

  @Option(help: "The tokenizer.json.", completion: .file(extensions: ["json"]))
  var tokenizer: String

  @Flag(help: "Leave out what the tokenizer's template puts around the text.")
  var noTemplate = false

  @Flag(help: "Each different token once, the most frequent first.")
  var counts = false

  @Flag(help: "Print JSON: the list of ids.")
  var json = false

  /// Largest text that is read at once.
  private static let largestText = 1 << 30

  func run() throws {
    do {
      try tokenize()
    } catch let error as TokenizerError {
      Output.message("\(error)")
      throw StudyEnded(code: .invalid)
    }
  }

  private func tokenize() throws {
    let tokenizer = try Tokenizer(path: tokenizer)
    let bytes = try readText()
    var encoder = TokenEncoder(tokenizer)
    let ids = try encoder.encode(bytes, of: text, usesTemplate: !noTemplate)
    for note in tokenizer.notes { Output.message(note) }
    guard !json else {
      Output.raw("[" + ids.map(String.init).joined(separator: ",") + "]\n")
      return
    }
    var lines: [String] = []
    if counts {
      let counted = Dictionary(ids.map { ($0, 1) }, uniquingKeysWith: +)
      for (id, count) in counted.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        lines.append("\(id)\t\(count)\t\(tokenizer.visiblePiece(id))")
      }
    } else {
      lines = ids.map { "\($0)\t\(tokenizer.visiblePiece($0))" }
    }
    lines.append(summary(ids, bytes: bytes.count, tokenizer))
    Output.raw(lines.map { $0 + "\n" }.joined())
  }

  private func readText() throws -> [UInt8] {
    do {
      let reader = try FileReader(text)
      guard reader.size <= Self.largestText else {
        throw TokenizerError.malformed(
          file: text, place: "(the whole file)", expected: "at most \(Self.largestText) bytes",
          found: "\(reader.size); cut it first")
      }
      return try reader.readAll()
    } catch let error as FileError {
      throw TokenizerError.file(error)
    }
  }

  private func summary(_ ids: [Int], bytes: Int, _ tokenizer: Tokenizer) -> String {
    let ratio =
      ids.isEmpty ? "" : ", \((100 * Double(bytes) / Double(ids.count)).rounded() / 100) bytes each"
    return "\(ids.count) tokens, \(Set(ids).count) different of \(tokenizer.vocabularySize); "
      + "\(bytes) bytes\(ratio)"
  }
}
