import Files

/// JSON written with its keys in the order given, so that the same values give the same bytes.
package enum JSONText {
  package indirect enum Value: Sendable {
    case text(String)
    case integer(Int)
    /// `null` where it is not finite.
    case number(Double)
    case flag(Bool)
    case null
    case list([Value])
    /// A list whose elements are made one by one as they are written.
    case made(Int, @Sendable (Int) -> Value)
    case object([(String, Value)])
    /// A value that stays on one line in a document of many.
    case line(Value)

    package static func text(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
    package static func integer(_ value: Int?) -> Value { value.map { .integer($0) } ?? .null }
    package static func number(_ value: Double?) -> Value { value.map { .number($0) } ?? .null }
  }

  /// An object on one line.
  package static func object(_ fields: [(String, Value)]) -> String {
    var writer = Writer()
    writer.append(.object(fields), indent: nil)
    return writer.text
  }

  /// A value over several lines, two spaces a level, with a line break at the end.
  package static func document(_ value: Value) -> String {
    var writer = Writer()
    writer.append(value, indent: 0)
    return writer.text + "\n"
  }

  /// Hands over the text of `document` in pieces of some kilobytes.
  package static func write(_ value: Value, to sink: @escaping (String) -> Void) {
    var writer = Writer(sink: sink)
    writer.append(value, indent: 0)
    sink(writer.text + "\n")
  }

  /// A string in quotes, escaped.
  static func quoted(_ string: String) -> String { JSONString.quoted(string) }

  private struct Writer {
    /// What was written and not handed over.
    var text = ""
    var sink: ((String) -> Void)?

    mutating func append(_ value: Value, indent: Int?) {
      switch value {
      case .text(let string): JSONString.append(string, to: &text)
      case .integer(let integer): text += String(integer)
      case .number(let number): text += number.isFinite ? number.description : "null"
      case .flag(let flag): text += flag ? "true" : "false"
      case .null: text += "null"
      case .line(let value): append(value, indent: nil)
      case .list(let elements):
        appendAll(elements.count, open: "[", close: "]", indent: indent) { index, inner, writer in
          writer.append(elements[index], indent: inner)
        }
      case .made(let count, let element):
        appendAll(count, open: "[", close: "]", indent: indent) { index, inner, writer in
          writer.append(element(index), indent: inner)
        }
      case .object(let fields):
        appendAll(fields.count, open: "{", close: "}", indent: indent) { index, inner, writer in
          JSONString.append(fields[index].0, to: &writer.text)
          writer.text += inner == nil ? ":" : ": "
          writer.append(fields[index].1, indent: inner)
        }
      }
    }

    private mutating func appendAll(
      _ count: Int, open: String, close: String, indent: Int?,
      _ each: (Int, Int?, inout Writer) -> Void
    ) {
      text += open
      let inner = indent.map { $0 + 2 }
      for index in 0..<count {
        if index > 0 { text += "," }
        if let inner { text += "\n" + String(repeating: " ", count: inner) }
        each(index, inner, &self)
        if let sink, text.utf8.count >= 1 << 16 {
          sink(text)
          text = ""
        }
      }
      if let indent, count > 0 { text += "\n" + String(repeating: " ", count: indent) }
      text += close
    }
  }
}
