/// What a YAML text may cost its parser, seen without one: parsers recurse, so that a megabyte of brackets
/// would overflow their stack, and copy what an alias stands for.
enum YAMLLimits {
  /// Deeper than any study nests.
  static let deepest = 64
  /// More than any text has of words that begin with `*`; an alias is an error of its own.
  static let mostAliases = 1000

  /// Where `text` goes beyond a limit; `nil` where it does not.
  ///
  /// Depth is counted by brackets and by the marks of lists and keys at the beginning of a line. Quoted
  /// ones count as well: no text in a study holds so many brackets that are not closed.
  static func excess(_ text: String) -> StudyFinding? {
    var line = 1
    var depth = 0
    var marks = 0
    var aliases = 0
    var atStart = true
    var mayMark = false
    var mayBegin = true
    for byte in text.utf8 {
      let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
      if mayMark, isBlank { marks += 1 }
      mayMark = false
      if mayBegin, byte == UInt8(ascii: "*") { aliases += 1 }
      mayBegin = isBlank
      switch byte {
      case UInt8(ascii: "\n"):
        line += 1
        marks = 0
        atStart = true
        mayBegin = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        atStart = false
        mayBegin = true
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
      case UInt8(ascii: ","): mayBegin = true
      case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"): mayMark = atStart
      default: if !isBlank { atStart = false }
      }
      if depth > deepest || marks > deepest {
        return StudyFinding(
          line: line, column: 1, "nests deeper than \(deepest) levels; a study has four")
      }
      if aliases > mostAliases {
        return StudyFinding(
          line: line, column: 1,
          "more than \(mostAliases) aliases; anchors and aliases (& and *) are not allowed")
      }
    }
    return nil
  }
}
