/// Status and fields of an answer.
struct HTTPHead: Sendable, Equatable {
  private(set) var status = 0
  /// Names in lower case, in the order of the answer.
  private(set) var fields: [(name: String, value: String)] = []

  /// Reads one line, without its end. A status line begins a new head: one may follow another.
  mutating func read(_ line: String) {
    if line.hasPrefix("HTTP/") {
      let parts = line.split(separator: " ", maxSplits: 2)
      status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
      fields = []
    } else if let colon = line.firstIndex(of: ":") {
      let value = Self.trimmed(line[line.index(after: colon)...])
      fields.append((line[..<colon].lowercased(), value))
    }
  }

  /// The first field called `name` (in lower case).
  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  /// The announced number of bytes, where there is one that can be.
  var contentLength: Int? {
    self["content-length"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  var isRedirect: Bool { [301, 302, 303, 307, 308].contains(status) }

  /// The address after `rel="next"` in a Link field (RFC 8288).
  var nextLink: String? {
    for field in fields where field.name == "link" {
      // Addresses may hold commas: an entry goes from `<` to the next `, <`.
      var rest = Substring(field.value)
      while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
        let target = rest[rest.index(after: open)..<close]
        rest = rest[rest.index(after: close)...]
        let parameters = rest.prefix { $0 != "<" }.split(whereSeparator: { $0 == ";" || $0 == "," })
        let isNext = parameters.contains { parameter in
          let text = parameter.filter { $0 != " " && $0 != "\"" }.lowercased()
          return text == "rel=next"
        }
        if isNext { return String(target) }
      }
    }
    return nil
  }

  /// An entity tag without `W/` and quotes, as the hub's hashes stand in it.
  static func bareTag(_ tag: String) -> String {
    var bare = Substring(tag)
    if bare.hasPrefix("W/") { bare = bare.dropFirst(2) }
    return bare.filter { $0 != "\"" }
  }

  static func trimmed(_ text: some StringProtocol) -> String {
    var kept = text[...]
    while let first = kept.first, first.isWhitespace { kept = kept.dropFirst() }
    while let last = kept.last, last.isWhitespace { kept = kept.dropLast() }
    return String(kept)
  }

  static func == (a: HTTPHead, b: HTTPHead) -> Bool {
    a.status == b.status
      && a.fields.elementsEqual(b.fields) { $0.name == $1.name && $0.value == $1.value }
  }
}

/// `Content-Range: bytes FIRST-LAST/TOTAL` (RFC 9110, 14.4).
struct ContentRange: Sendable, Equatable {
  let first: Int
  let last: Int
  /// nil for `*`.
  let total: Int?

  /// nil where `text` is none, or contradicts itself.
  init?(_ text: String) {
    let words = text.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
    let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]),
      first <= last
    else { return nil }
    if parts[1] == "*" {
      total = nil
    } else {
      guard let total = Self.number(parts[1]), last < total else { return nil }
      self.total = total
    }
    self.first = first
    self.last = last
  }

  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}
