import Files
import LanguageModels
import Tensors
import Tokenization

/// A probe cut from a text: documents one after the other, windows of L tokens without overlap,
/// nothing padded.
struct TextProbe {
  let batch: TokenBatch
  /// What was done with the text, in one line each.
  let notes: [String]

  /// Largest file that is read: a probe needs the first few megabytes.
  private static let largestFile = 1 << 30
  /// Largest line of a .jsonl file.
  private static let largestLine = 64 << 20

  init(_ source: TextSource) throws(CaptureError) {
    do throws(TokenizerError) {
      let tokenizer = try Tokenizer(path: source.tokenizer)
      let wanted = source.sequences ?? TextSource.defaultSequences
      let needed = source.skip + wanted * source.length
      var reader = try DocumentReader(source, tokenizer)
      try reader.read(atLeast: needed)
      let tokens = reader.tokens
      let windows = min(wanted, max(0, tokens.count - source.skip) / source.length)
      guard windows >= (source.sequences ?? 1) else {
        throw TokenizerError.malformed(
          file: source.path, place: "(the whole file)",
          expected: "\(source.sequences ?? 1) sequences of \(source.length) tokens after the first "
            + "\(source.skip)",
          found: "\(tokens.count) tokens; name fewer `sequences:` or a smaller `length:`")
      }
      let range = source.skip..<source.skip + windows * source.length
      batch = TokenBatch(
        sequences: windows, length: source.length, tokens: Array(tokens[range]))
      notes =
        tokenizer.notes + [
          "\(source.path): \(windows) sequences of \(source.length) tokens, without overlap and "
            + "without padding; tokens \(range.lowerBound) to \(range.upperBound - 1) of "
            + "\(reader.isComplete ? "\(tokens.count)" : "the first \(tokens.count)") in "
            + "\(reader.documents) \(reader.documents == 1 ? "document" : "documents")"
            + (reader.separator.map { ", \($0) behind each" } ?? "")
            + (tokenizer.hasTemplate ? "; the tokenizer's template is not applied" : "")
        ]
    } catch {
      throw .tokenizer(error)
    }
  }

  /// Tokenises documents until there are enough tokens.
  private struct DocumentReader {
    private let source: TextSource
    private let bytes: [UInt8]
    private var encoder: TokenEncoder
    private let separatorID: Int?
    /// The separator's content; `nil` where nothing is put between documents.
    let separator: String?
    private var place = 0
    private(set) var tokens: [Int] = []
    private(set) var documents = 0

    var isComplete: Bool { place >= bytes.count }

    init(_ source: TextSource, _ tokenizer: Tokenizer) throws(TokenizerError) {
      self.source = source
      encoder = TokenEncoder(tokenizer)
      do throws(FileError) {
        let reader = try FileReader(source.path)
        guard reader.size <= TextProbe.largestFile else {
          throw FileError.notRegular(
            path: source.path,
            kind: "one of \(reader.size) bytes, more than \(TextProbe.largestFile); cut it first")
        }
        bytes = try reader.readAll()
      } catch {
        throw .file(error)
      }
      guard source.isJSONLines else {
        (separator, separatorID) = (nil, nil)
        return
      }
      let content = source.separator ?? TextSource.defaultSeparator
      guard let id = tokenizer.id(of: content) else {
        throw .malformed(
          file: source.tokenizer, place: "the separator of documents",
          expected: "the token \(TensorError.quoted(content))",
          found: "no such token; name one as `separator:`")
      }
      (separator, separatorID) = (content, id)
    }

    mutating func read(atLeast count: Int) throws(TokenizerError) {
      guard source.isJSONLines else {
        tokens = try encoder.encode(bytes, of: source.path, usesTemplate: false)
        (place, documents) = (bytes.count, 1)
        return
      }
      while tokens.count < count, let line = nextLine() {
        guard !line.bytes.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) else { continue }
        let text = try text(of: line.bytes, line: line.number)
        tokens += try encoder.encode(Array(text.utf8), of: source.path, usesTemplate: false)
        if let separatorID { tokens.append(separatorID) }
        documents += 1
      }
    }

    private var lines = 0

    private mutating func nextLine() -> (bytes: ArraySlice<UInt8>, number: Int)? {
      guard place < bytes.count else { return nil }
      let end = bytes[place...].firstIndex(of: 0x0A) ?? bytes.count
      defer { place = end + 1 }
      lines += 1
      return (bytes[place..<end], lines)
    }

    private func text(of line: ArraySlice<UInt8>, line number: Int) throws(TokenizerError) -> String
    {
      func malformed(_ expected: String, _ found: String) -> TokenizerError {
        .malformed(file: source.path, place: "line \(number)", expected: expected, found: found)
      }
      guard line.count <= TextProbe.largestLine else {
        throw malformed("at most \(TextProbe.largestLine) bytes", "\(line.count)")
      }
      let value: JSONValue
      do { value = try JSONReader.read(Array(line)) } catch {
        throw malformed(error.expected, error.found)
      }
      guard let text = value[source.field]?.string else {
        throw malformed(
          "an object with a text \(TensorError.quoted(source.field))",
          value[source.field]?.kind ?? value.kind)
      }
      return text
    }
  }
}
