/// A Markdown file parted into its front matter and its text.
///
/// Front matter is what stands between a first line `---` and the next line `---` or `...`. Its
/// contents (YAML) are not read here; the line numbers let whoever reads them name the place.
package struct MarkdownSource: Sendable, Hashable {
  /// The name of the file, for messages.
  package let file: String
  /// The text between the two marks, or nil where the file has none.
  package let frontMatter: String?
  /// The line of the file, from 1, on which the front matter's first line stands (2).
  package let frontMatterLine: Int
  /// The Markdown.
  package let body: String
  /// The line of the file, from 1, on which ``body`` begins.
  package let bodyLine: Int

  /// A text without front matter, whatever it begins with. `line` is where it stands in `file`.
  package init(body: String, file: String, line: Int = 1) {
    self.file = file
    frontMatter = nil
    frontMatterLine = 0
    self.body = body
    bodyLine = line
  }

  /// Splits `contents`. Throws ``MarkupError`` where the opening mark has no closing one.
  package init(contents: String, file: String) throws {
    self.file = file
    let bytes = Array(contents.utf8)
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var lines = LineSpans(bytes: bytes, from: start)
    guard let first = lines.next(), Self.isMark(bytes[first.text], closing: false) else {
      frontMatter = nil
      frontMatterLine = 0
      body = String(decoding: bytes[start...], as: UTF8.self)
      bodyLine = 1
      return
    }
    var line = 1
    while let span = lines.next() {
      line += 1
      guard Self.isMark(bytes[span.text], closing: true) else { continue }
      frontMatter = String(decoding: bytes[first.end..<span.text.lowerBound], as: UTF8.self)
      frontMatterLine = 2
      body = String(decoding: bytes[span.end...], as: UTF8.self)
      bodyLine = line + 1
      return
    }
    throw MarkupError(findings: [.init(file: file, line: 1, problem: .frontMatterNotClosed)])
  }

  private static func isMark(_ line: ArraySlice<UInt8>, closing: Bool) -> Bool {
    var line = line
    while let last = line.last, last == 0x20 || last == 0x09 || last == 0x0D { line.removeLast() }
    return line.elementsEqual("---".utf8) || (closing && line.elementsEqual("...".utf8))
  }
}

/// The lines of a text as ranges of bytes: the text without its newline, and where the next begins.
private struct LineSpans: IteratorProtocol {
  let bytes: [UInt8]
  var position: Int

  init(bytes: [UInt8], from start: Int) {
    self.bytes = bytes
    position = start
  }

  mutating func next() -> (text: Range<Int>, end: Int)? {
    guard position < bytes.count else { return nil }
    let newline = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
    let span = (text: position..<newline, end: min(newline + 1, bytes.count))
    position = span.end
    return span
  }
}
