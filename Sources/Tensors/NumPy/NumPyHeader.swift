/// The dictionary in an .npy header, a Python literal of which only the form that NumPy writes is
/// understood.
struct NumPyHeader {
  struct Finding: Error {
    let expected: String
    let found: String
  }

  private(set) var shape: [Int] = []
  private(set) var type = NumPyFile.ElementType(letter: "f", size: 0, isBigEndian: false)
  private(set) var isColumnMajor = false
  private var rest: Substring

  init(_ bytes: [UInt8]) throws(Finding) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Finding(expected: "a header in UTF-8", found: "other bytes")
    }
    rest = text[...]
    try expect("{")
    var seen: Set<String> = []
    while !take("}") {
      let key = try quoted()
      guard seen.insert(key).inserted else {
        throw Finding(expected: "each key once in the header", found: "\(key) twice")
      }
      try expect(":")
      switch key {
      case "descr": type = try Self.type(try quoted())
      case "fortran_order": isColumnMajor = try flag()
      case "shape": shape = try tuple()
      default:
        throw Finding(
          expected: "the keys descr, fortran_order and shape", found: TensorError.quoted(key))
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    guard seen.count == 3 else {
      throw Finding(
        expected: "the keys descr, fortran_order and shape",
        found: seen.sorted().joined(separator: ", "))
    }
    skipSpace()
    guard rest.isEmpty else { throw unexpected("the end of the header") }
  }

  /// The type that a code such as `<f4` stands for.
  static func type(_ text: String) throws(Finding) -> NumPyFile.ElementType {
    let characters = Array(text)
    guard characters.count >= 3, "<>|=".contains(characters[0]),
      let size = Int(String(characters[2...])), "iufb".contains(characters[1]),
      (characters[1] == "f" ? [2, 4, 8] : characters[1] == "b" ? [1] : [1, 2, 4, 8]).contains(size)
    else {
      throw Finding(
        expected: "elements that are integers or floats", found: "dtype \(TensorError.quoted(text))"
      )
    }
    return NumPyFile.ElementType(
      letter: characters[1], size: size, isBigEndian: characters[0] == ">")
  }

  private mutating func tuple() throws(Finding) -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !take(")") {
      skipSpace()
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits), number >= 0, numbers.count < 32 else {
        throw unexpected("a shape of whole numbers")
      }
      numbers.append(number)
      rest = rest.dropFirst(digits.count)
      if !take(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  private mutating func flag() throws(Finding) -> Bool {
    if take("True") { return true }
    if take("False") { return false }
    throw unexpected("True or False")
  }

  private mutating func quoted() throws(Finding) -> String {
    skipSpace()
    guard let mark = rest.first, mark == "'" || mark == "\"" else {
      throw unexpected("a key in quotes")
    }
    rest = rest.dropFirst()
    let text = rest.prefix { $0 != mark && $0 != "\\" }
    rest = rest.dropFirst(text.count)
    guard rest.first == mark else { throw unexpected("a closing quote") }
    rest = rest.dropFirst()
    return String(text)
  }

  private mutating func take(_ word: String) -> Bool {
    skipSpace()
    guard rest.hasPrefix(word) else { return false }
    rest = rest.dropFirst(word.count)
    return true
  }

  private mutating func expect(_ word: String) throws(Finding) {
    guard take(word) else { throw unexpected(word) }
  }

  private mutating func skipSpace() { rest = rest.drop { $0 == " " || $0 == "\n" || $0 == "\t" } }

  private func unexpected(_ expected: String) -> Finding {
    Finding(
      expected: "\(expected) in the header",
      found: rest.isEmpty ? "its end" : TensorError.quoted(String(rest.prefix(20))))
  }
}
