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
    case object([(String, Value)])
    /// A value that stays on one line in a document of many.
    case line(Value)

    package static func text(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
    package static func integer(_ value: Int?) -> Value { value.map { .integer($0) } ?? .null }
    package static func number(_ value: Double?) -> Value { value.map { .number($0) } ?? .null }
  }

  /// An object on one line.
  package static func object(_ fields: [(String, Value)]) -> String {
    var text = ""
    append(.object(fields), indent: nil, to: &text)
    return text
  }

  /// A value over several lines, two spaces a level, with a line break at the end.
  package static func document(_ value: Value) -> String {
    var text = ""
    append(value, indent: 0, to: &text)
    return text + "\n"
  }

  /// A string in quotes, escaped.
  static func quoted(_ string: String) -> String { JSONString.quoted(string) }

  private static func append(_ value: Value, indent: Int?, to text: inout String) {
    switch value {
    case .text(let string): JSONString.append(string, to: &text)
    case .integer(let integer): text += String(integer)
    case .number(let number): text += number.isFinite ? number.description : "null"
    case .flag(let flag): text += flag ? "true" : "false"
    case .null: text += "null"
    case .line(let value): append(value, indent: nil, to: &text)
    case .list(let elements):
      appendAll(elements, open: "[", close: "]", indent: indent, to: &text) {
        element, inner, text in
        append(element, indent: inner, to: &text)
      }
    case .object(let fields):
      appendAll(fields, open: "{", close: "}", indent: indent, to: &text) { field, inner, text in
        JSONString.append(field.0, to: &text)
        text += inner == nil ? ":" : ": "
        append(field.1, indent: inner, to: &text)
      }
    }
  }

  private static func appendAll<Element>(
    _ elements: [Element], open: String, close: String, indent: Int?, to text: inout String,
    _ each: (Element, Int?, inout String) -> Void
  ) {
    text += open
    let inner = indent.map { $0 + 2 }
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      if let inner { text += "\n" + String(repeating: " ", count: inner) }
      each(element, inner, &text)
    }
    if let indent, !elements.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
    text += close
  }
}
