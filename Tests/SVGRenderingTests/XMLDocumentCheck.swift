/// A small check that a document's tags are balanced and its attributes quoted: enough to catch what escaping gets wrong.
struct XMLDocumentCheck {
  private(set) var problem: String?

  init(_ text: String) {
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      if rest[..<start].contains(">") {
        problem = "a stray > before \(rest[start...].prefix(30))"
        return
      }
      rest = rest[rest.index(after: start)...]
      var quoted = false
      guard
        let end = rest.firstIndex(where: { character in
          if character == "\"" { quoted.toggle() }
          return character == ">" && !quoted
        })
      else {
        problem = "a tag without end: \(rest.prefix(30))"
        return
      }
      let tag = rest[..<end]
      rest = rest[rest.index(after: end)...]
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter }
      if tag.filter({ $0 == "\"" }).count.isMultiple(of: 2) == false || tag.contains("<") {
        problem = "attributes of <\(tag.prefix(40))"
        return
      }
      if tag.hasPrefix("/") {
        guard open.popLast() == name else {
          problem = "</\(name)> closes something else"
          return
        }
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
    }
    if let left = open.last { problem = "<\(left)> is never closed" }
  }
}
