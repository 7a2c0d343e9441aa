package import Files

/// What is wrong with a file of tensors.
package enum TensorError: Error, Equatable, CustomStringConvertible {
  /// The container breaks its format's rules.
  case malformed(file: String, expected: String, found: String)
  /// A tensor in it does.
  case malformedTensor(file: String, tensor: String, expected: String, found: String)
  case missingTensor(file: String, tensor: String)
  case unsupportedType(file: String, tensor: String, type: String, supported: String)
  case file(FileError)

  package var description: String {
    switch self {
    case .malformed(let file, let expected, let found):
      "\(FileError.shown(file)): expected \(expected), found \(found)"
    case .malformedTensor(let file, let tensor, let expected, let found):
      "\(FileError.shown(file)): tensor \(Self.quoted(tensor)): expected \(expected), found \(found)"
    case .missingTensor(let file, let tensor):
      "\(FileError.shown(file)): tensor \(Self.quoted(tensor)) is missing"
    case .unsupportedType(let file, let tensor, let type, let supported):
      "\(FileError.shown(file)): tensor \(Self.quoted(tensor)): cannot compute on \(type); supported: \(supported)"
    case .file(let error): error.description
    }
  }

  /// Text from a file in quotes: control characters visible, at most 120 characters.
  package static func quoted(_ text: String) -> String {
    var visible = ""
    for scalar in text.unicodeScalars.prefix(120) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        visible += "\\u{\(String(scalar.value, radix: 16))}"
      default: visible.unicodeScalars.append(scalar)
      }
    }
    return "\"\(visible)\(text.unicodeScalars.count > 120 ? "…" : "")\""
  }
}

/// The result of `body`, a file's failure as a tensor error.
func reading<Result>(_ body: () throws(FileError) -> Result) throws(TensorError) -> Result {
  do { return try body() } catch { throw .file(error) }
}
