/// The maths of a Markdown text, taken out before cmark sees it: between `$` or `$$` backslashes
/// and underscores would mean something to Markdown.
///
/// A span becomes a marker of two private-use characters around its number. `$` opens where no
/// white space follows and closes where none precedes and no digit follows ("$5 and $10" is money);
/// `\$` is a dollar sign. Fenced code, code spans and what crosses a blank line are left alone.
struct MathSpans: Sendable, Hashable {
  struct Span: Sendable, Hashable {
    let tex: String
    let display: Bool
    let line: Int
  }

  /// The text with markers; as many lines as before.
  private(set) var text = ""
  private(set) var spans: [Span] = []

  static let open: Unicode.Scalar = "\u{E000}"
  static let close: Unicode.Scalar = "\u{E001}"

  init(_ source: String) {
    guard source.utf8.contains(UInt8(ascii: "$")) || source.unicodeScalars.contains(Self.open)
    else {
      text = source
      return
    }
    var scanner = Scanner(Array(source.unicodeScalars))
    scanner.run()
    text = String(scanner.output)
    spans = scanner.spans
  }

  /// `text` split at its markers: strings and numbers of spans.
  static func parts(of text: String) -> [(text: String, span: Int?)] {
    guard text.unicodeScalars.contains(open) else { return [(text, nil)] }
    var parts: [(text: String, span: Int?)] = []
    var plain = String.UnicodeScalarView()
    var number: String?
    for scalar in text.unicodeScalars {
      if scalar == open {
        if !plain.isEmpty { parts.append((String(plain), nil)) }
        plain = .init()
        number = ""
      } else if scalar == close, let digits = number {
        parts.append(("", Int(digits)))
        number = nil
      } else if number != nil {
        number?.unicodeScalars.append(scalar)
      } else {
        plain.append(scalar)
      }
    }
    if !plain.isEmpty { parts.append((String(plain), nil)) }
    return parts
  }

  private struct Scanner {
    let input: [Unicode.Scalar]
    var position = 0
    var line = 1
    var lineStart = true
    var output = String.UnicodeScalarView()
    var spans: [Span] = []
    var fence: (character: Unicode.Scalar, length: Int)?

    init(_ input: [Unicode.Scalar]) { self.input = input }

    mutating func run() {
      while position < input.count {
        if lineStart, passFence() { continue }
        if fence != nil {
          passLine()
          continue
        }
        switch input[position] {
        case "\\" where position + 1 < input.count && input[position + 1] != "\n":
          copy()
          copy()
        case "`": passCodeSpan()
        case "$": passMaths()
        default: copy()
        }
      }
    }

    private mutating func copy() {
      let scalar = input[position]
      // The markers' own characters never come from outside.
      output.append(scalar == MathSpans.open || scalar == MathSpans.close ? "\u{FFFD}" : scalar)
      position += 1
      lineStart = scalar == "\n"
      if lineStart { line += 1 }
    }

    private mutating func passLine() {
      repeat { copy() } while position < input.count && !lineStart
    }

    /// A line that opens or closes a fence, behind any indentation and marks of quotes and lists.
    private mutating func passFence() -> Bool {
      var start = position
      while start < input.count, " >\t".unicodeScalars.contains(input[start]) { start += 1 }
      guard start < input.count, input[start] == "`" || input[start] == "~" else { return false }
      let character = input[start]
      let length = run(of: character, from: start)
      guard length >= 3 else { return false }
      if let open = fence {
        guard open.character == character, length >= open.length else { return false }
        fence = nil
      } else {
        fence = (character, length)
      }
      passLine()
      return true
    }

    private func run(of scalar: Unicode.Scalar, from start: Int) -> Int {
      var end = start
      while end < input.count, input[end] == scalar { end += 1 }
      return end - start
    }

    /// Where the paragraph that `start` is in ends: at a blank line.
    private func paragraphEnd(from start: Int) -> Int {
      var index = start
      while index < input.count {
        if input[index] == "\n" {
          var next = index + 1
          while next < input.count, input[next] == " " || input[next] == "\t" { next += 1 }
          if next >= input.count || input[next] == "\n" { return index }
        }
        index += 1
      }
      return index
    }

    private mutating func passCodeSpan() {
      let length = run(of: "`", from: position)
      let end = paragraphEnd(from: position)
      var index = position + length
      while index < end {
        guard input[index] == "`" else {
          index += 1
          continue
        }
        let closing = run(of: "`", from: index)
        index += closing
        if closing == length {
          while position < index { copy() }
          return
        }
      }
      for _ in 0..<length { copy() }
    }

    private mutating func passMaths() {
      let display = run(of: "$", from: position) >= 2
      let width = display ? 2 : 1
      let start = position + width
      let end = display ? input.count : paragraphEnd(from: position)
      guard start < end, display || !isSpace(input[start]) else {
        for _ in 0..<width { copy() }
        return
      }
      var index = start
      while index < end {
        if input[index] == "\\" {
          index += 2
          continue
        }
        if input[index] == "$", index > start {
          let closes =
            display
            ? index + 1 < end && input[index + 1] == "$"
            : !isSpace(input[index - 1]) && !isDigit(at: index + 1)
          if closes {
            take(start..<index, width: width, display: display)
            return
          }
          if !display { break }
        }
        index += 1
      }
      for _ in 0..<width { copy() }
    }

    private mutating func take(_ range: Range<Int>, width: Int, display: Bool) {
      var tex = String.UnicodeScalarView()
      tex.append(contentsOf: input[range])
      spans.append(Span(tex: String(tex), display: display, line: line))
      output.append(MathSpans.open)
      output.append(contentsOf: String(spans.count - 1).unicodeScalars)
      output.append(MathSpans.close)
      // Later line numbers stay right: the newlines of the span follow its marker.
      for scalar in input[range] where scalar == "\n" {
        output.append("\n")
        line += 1
      }
      position = range.upperBound + width
      lineStart = false
    }

    private func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    private func isDigit(at index: Int) -> Bool {
      index < input.count && ("0"..."9").contains(input[index])
    }
  }
}
