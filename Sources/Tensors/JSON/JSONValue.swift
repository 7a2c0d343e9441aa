/// A JSON value as it stands in the file: members in order, numbers as written.
package indirect enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])

  /// What stands here, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let number): number.text
    case .string(let text): TensorError.quoted(text)
    case .array(let elements): "a list of \(elements.count)"
    case .object: "an object"
    }
  }
}

/// A member of a JSON object. Names are different unless their bytes are the same.
package struct JSONMember: Sendable, Equatable {
  package let name: String
  package let value: JSONValue

  package init(name: String, value: JSONValue) {
    self.name = name
    self.value = value
  }

  package static func == (a: JSONMember, b: JSONMember) -> Bool {
    a.name.utf8.elementsEqual(b.name.utf8) && a.value == b.value
  }
}

/// A number as written; whether it is whole is decided by its spelling, so `1.0` is no integer.
package struct JSONNumber: Sendable, Equatable {
  package let text: String

  /// The value, if written without fraction and exponent and within range.
  package var integer: Int? { isInteger ? Int(text) : nil }
  package var double: Double { Double(text) ?? .nan }
  private var isInteger: Bool { !text.utf8.contains { $0 == 0x2E || $0 == 0x65 || $0 == 0x45 } }
}

extension JSONValue {
  /// The value of member `name`; `nil` if this is no object or has no such member.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  package var members: [JSONMember]? {
    if case .object(let members) = self { members } else { nil }
  }

  package var elements: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var integer: Int? { if case .number(let number) = self { number.integer } else { nil } }
  package var double: Double? { if case .number(let number) = self { number.double } else { nil } }
  package var isNull: Bool { self == .null }
}
