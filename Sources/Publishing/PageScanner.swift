import Markup

/// Reads a finished page once: makes its links relative and notes what the checks need.
///
/// The page is ours, so its form is known: attributes in double quotes, text escaped. What does not
/// have that form is a mistake of a template or a value that got in unescaped, and is reported.
struct PageScanner {
  private static let voids: Set<String> = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
  ]

  /// Elements that load or do things which a page of ours never needs.
  private static let forbidden: Set<String> = [
    "iframe", "object", "embed", "applet", "base", "frame", "frameset", "style", "portal", "form",
  ]

  private static let addresses: Set<String> = ["href", "src", "srcset", "action", "poster"]

  struct Target: Hashable {
    let path: String
    let fragment: String?
    let shown: String
  }

  private(set) var output: [UInt8] = []
  private(set) var ids: Set<String> = []
  private(set) var targets: Set<Target> = []
  private(set) var problems: [SiteError.Problem] = []
  private let page: SitePath
  private let root: [UInt8]
  private var open: [String] = []
  private var headings: [Int] = []
  private var mains = 0

  init(_ html: String, page: SitePath) {
    self.page = page
    root = Array(page.root.utf8)
    var html = html
    output.reserveCapacity(html.utf8.count)
    html.withUTF8 { scan($0) }
    finish()
  }

  private mutating func scan(_ input: UnsafeBufferPointer<UInt8>) {
    let tag = UInt8(ascii: "<")
    var position = 0
    var copied = 0
    while position < input.count {
      guard input[position] == tag else {
        position += 1
        continue
      }
      let next = position + 1 < input.count ? input[position + 1] : 0
      if next == UInt8(ascii: "!") {
        // The doctype; comments have no place in output.
        while position < input.count, input[position] != UInt8(ascii: ">") { position += 1 }
      } else if next == UInt8(ascii: "/") {
        position += 2
        let name = self.name(input, &position)
        close(name)
      } else if isLetter(next) {
        position += 1
        readTag(input, &position, &copied)
      } else {
        report(.badStructure("holds a < that is not escaped"))
        position += 1
      }
    }
    output.append(contentsOf: input[copied..<input.count])
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
  }

  private func name(_ input: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> String {
    let start = position
    while position < input.count, !isSpace(input[position]), input[position] != UInt8(ascii: ">"),
      input[position] != UInt8(ascii: "/"), input[position] != UInt8(ascii: "=")
    {
      position += 1
    }
    return String(decoding: input[start..<position], as: UTF8.self)
  }

  private mutating func readTag(
    _ input: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ copied: inout Int
  ) {
    let element = name(input, &position)
    var attributes: [(name: String, value: String)] = []
    var closed = false
    while position < input.count {
      let byte = input[position]
      if isSpace(byte) {
        position += 1
      } else if byte == UInt8(ascii: ">") {
        position += 1
        break
      } else if byte == UInt8(ascii: "/") {
        closed = true
        position += 1
      } else {
        let attribute = name(input, &position)
        guard position < input.count, input[position] == UInt8(ascii: "=") else {
          if attribute.isEmpty { position += 1 }
          attributes.append((attribute, ""))
          continue
        }
        position += 1
        guard position < input.count, input[position] == UInt8(ascii: "\"") else {
          report(.badStructure("<\(element)> has the attribute \(attribute) without double quotes"))
          continue
        }
        position += 1
        let start = position
        while position < input.count, input[position] != UInt8(ascii: "\"") { position += 1 }
        var value = String(decoding: input[start..<position], as: UTF8.self)
        if value.hasPrefix(SiteLink.scheme) {
          output.append(contentsOf: input[copied..<start])
          value = resolve(value)
          output.append(contentsOf: value.utf8)
          copied = position
        } else if Self.addresses.contains(attribute) {
          check(address: value, of: element, attribute: attribute)
        }
        position = min(position + 1, input.count)
        attributes.append((attribute, value))
      }
    }
    begin(element, attributes, closed: closed)
  }

  /// `site:/a/b.html#c` as seen from this page.
  private mutating func resolve(_ placeholder: String) -> String {
    let address = placeholder.dropFirst(SiteLink.scheme.count)
    let parts = address.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts.first.map(String.init) ?? ""
    let fragment = parts.count > 1 ? String(parts[1]) : nil
    targets.insert(Target(path: path, fragment: fragment, shown: String(address)))
    if path == page.string, let fragment { return "#" + fragment }
    return String(decoding: root, as: UTF8.self) + address
  }

  private mutating func check(address: String, of element: String, attribute: String) {
    let plain = address.replacing("&amp;", with: "&")
    if let scheme = LinkDestination.scheme(of: plain) {
      let isLink = element == "a" || element == "link" && attribute == "href"
      if !LinkDestination.schemes.contains(scheme) {
        report(.forbidden("the address \(plain)", fix: "links may be http, https or mailto"))
      } else if !isLink || element == "link" && !plain.hasPrefix("http") {
        report(.forbidden("a file from \(plain)", fix: "pages load nothing from elsewhere"))
      }
    } else if plain.hasPrefix("#") {
      targets.insert(Target(path: page.string, fragment: String(plain.dropFirst()), shown: plain))
    } else if plain.hasPrefix("/") || plain.hasPrefix("\\") {
      report(.forbidden("the address \(plain)", fix: "only relative links work everywhere"))
    } else {
      resolveRelative(plain)
    }
  }

  /// A relative address that was written as one.
  private mutating func resolveRelative(_ address: String) {
    let parts = address.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    var names = page.string.split(separator: "/").dropLast().map(String.init)
    for name in (parts.first ?? "").split(separator: "/", omittingEmptySubsequences: false) {
      if name == ".." {
        guard !names.isEmpty else {
          report(.brokenLink(address))
          return
        }
        names.removeLast()
      } else if name != "." {
        names.append(String(name))
      }
    }
    let fragment = parts.count > 1 ? String(parts[1]) : nil
    targets.insert(Target(path: names.joined(separator: "/"), fragment: fragment, shown: address))
  }

  private mutating func begin(
    _ element: String, _ attributes: [(name: String, value: String)], closed: Bool
  ) {
    if Self.forbidden.contains(element), element != "form" || !isSearch(attributes) {
      report(.forbidden("<\(element)>", fix: "take it out"))
    }
    if element == "script", !attributes.contains(where: { $0.name == "src" }) {
      report(.forbidden("a script in the page", fix: "put it into a file"))
    }
    for (name, value) in attributes {
      if name == "id" {
        if !ids.insert(value).inserted { report(.duplicateID(value)) }
      } else if name == "style" || name.lowercased().hasPrefix("on") {
        report(.forbidden("the attribute \(name)", fix: "the site's own policy forbids it"))
      }
    }
    if element == "img",
      attributes.first(where: { $0.name == "alt" })?.value.allSatisfy(\.isWhitespace) ?? true
    {
      let source = attributes.first { $0.name == "src" }?.value ?? "without source"
      report(.missingAlt(source))
    }
    if element.count == 2, element.first == "h", let level = element.last?.wholeNumberValue {
      headings.append(level)
    }
    if element == "main" { mains += 1 }
    if !closed, !Self.voids.contains(element) { open.append(element) }
  }

  private func isSearch(_ attributes: [(name: String, value: String)]) -> Bool {
    attributes.contains { $0.name == "role" && $0.value == "search" }
  }

  private mutating func close(_ element: String) {
    if open.last == element {
      open.removeLast()
      return
    }
    let expected = open.last.map { "</\($0)>" } ?? "no end tag"
    report(.badStructure("has </\(element)> where \(expected) belongs"))
    // The rest of the page is then read as if it had been closed in order: one mistake, one finding.
    if let index = open.lastIndex(of: element) { open.removeSubrange(index...) }
  }

  private mutating func finish() {
    if let last = open.last { report(.badStructure("never closes <\(last)>")) }
    let titles = headings.count { $0 == 1 }
    if titles != 1 { report(.badStructure("has \(titles) headings of level 1, not one")) }
    if mains != 1 { report(.badStructure("has \(mains) <main>, not one")) }
  }

  private mutating func report(_ problem: SiteError.Problem) {
    // A page that has gone wrong in one way goes wrong in the same way a hundred times.
    if problems.count < 20, !problems.contains(problem) { problems.append(problem) }
  }
}
