/// How deep a YAML text nests, seen without a parser: parsers recurse, and a megabyte of brackets would
/// overflow their stack.
enum YAMLNesting {
  /// Deeper than any study is.
  static let deepest = 64

  /// The line in which `text` nests deeper than `deepest`, counted by brackets and by the marks of
  /// lists and keys at the beginning of a line; `nil` where it does not. Quoted brackets count as well:
  /// no text in a study holds so many that are not closed.
  static func excess(_ text: String) -> Int? {
    var line = 1
    var depth = 0
    var marks = 0
    var atStart = true
    var mayMark = false
    for byte in text.utf8 {
      let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
      if mayMark, isBlank { marks += 1 }
      mayMark = false
      switch byte {
      case UInt8(ascii: "\n"):
        line += 1
        marks = 0
        atStart = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        atStart = false
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
      case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"): mayMark = atStart
      default: if !isBlank { atStart = false }
      }
      if depth > deepest || marks > deepest { return line }
    }
    return nil
  }
}
