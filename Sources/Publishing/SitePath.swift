package import Markup

/// The place of a file in a site: relative to the site's folder, with `/` between names.
///
/// Only names that every host and file system takes: ASCII letters, digits and `. - _ @ +`, none
/// empty, none beginning with `.` or `_` (Jekyll and Cloudflare treat those specially), so that a
/// path can never leave the folder.
package struct SitePath: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let string: String

  package static let index = SitePath(unchecked: "index.html")

  package var description: String { string }

  /// Throws ``SiteError`` with the reason where `string` is no such path.
  package init(_ string: String) throws {
    if let reason = Self.reason(against: string) {
      throw SiteError([.init(page: "", problem: .badPath(string, reason: reason))])
    }
    self.string = string
  }

  /// For the names of this module that the rule leaves out (`.nojekyll`, `_headers`).
  init(unchecked string: String) { self.string = string }

  package static func < (left: SitePath, right: SitePath) -> Bool {
    left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
  }

  /// The path with `name` behind it.
  package func appending(_ name: String) throws -> SitePath { try SitePath(string + "/" + name) }

  /// A link to this file, to its part with the id `fragment`.
  package func link(_ fragment: String? = nil) -> SiteLink {
    SiteLink(path: self, fragment: fragment)
  }

  /// Names before the last one.
  package var depth: Int { string.utf8.count { $0 == UInt8(ascii: "/") } }

  /// `../` as often as it takes from this page to the site's folder.
  package var root: String { String(repeating: "../", count: depth) }

  /// A name of a folder for any text, such as a run's name: the text itself where it is clean
  /// (lower-case letters, digits, hyphens, dots, underscores inside), else its ASCII letters and
  /// digits with six digits of a hash of the whole, so that two texts never share a name.
  package static func component(for text: String) -> String {
    let clean = text.utf8.allSatisfy { allowed($0) && !(0x41...0x5A).contains($0) }
    if clean, text.utf8.count <= 60, reason(against: text) == nil { return text }
    var slug = ""
    for scalar in text.lowercased().unicodeScalars {
      if scalar.isASCII, scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
        slug.unicodeScalars.append(scalar)
      } else if !slug.isEmpty, slug.last != "-" {
        slug += "-"
      }
      if slug.utf8.count >= 40 { break }
    }
    while slug.last == "-" { slug.removeLast() }
    return (slug.isEmpty ? "x" : slug) + "-" + ContentHash.short(of: text, digits: 6)
  }

  private static func reason(against string: String) -> String? {
    if string.isEmpty { return "is empty" }
    if string.utf8.count > 400 { return "has more than 400 characters" }
    for name in string.split(separator: "/", omittingEmptySubsequences: false) {
      guard let first = name.utf8.first else { return "has an empty name between two slashes" }
      if first == UInt8(ascii: ".") || first == UInt8(ascii: "_") {
        return "has a name that begins with . or _"
      }
      if name.utf8.count > 200 { return "has a name of more than 200 characters" }
      if !name.utf8.allSatisfy(allowed) {
        return "has characters other than ASCII letters, digits and . - _ @ +"
      }
    }
    return nil
  }

  private static func allowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: ".-_@+".utf8.contains(byte)
    }
  }
}

/// A link inside the site. In HTML it is written `site:/PATH#FRAGMENT`; the builder makes it relative
/// to the page it stands on and checks that both are there.
package struct SiteLink: Sendable, Hashable {
  package let path: SitePath
  package let fragment: String?

  package init(path: SitePath, fragment: String? = nil) {
    self.path = path
    self.fragment = fragment
  }

  static let scheme = "site:/"

  /// What stands in the attribute until the builder has seen it.
  package var placeholder: String {
    let address = Self.scheme + path.string
    guard let fragment else { return address }
    return address + "#" + LinkDestination.percentEncoded(fragment)
  }
}

extension HTML.Interpolation {
  package mutating func appendInterpolation(_ path: SitePath) {
    appendInterpolation(path.link().placeholder)
  }

  package mutating func appendInterpolation(_ link: SiteLink) {
    appendInterpolation(link.placeholder)
  }
}

// Named like the element that they make, as a type of that name would be: inside the types of this
// module `link` means other things.

/// `<a href="…">text</a>`.
// swift-format-ignore: AlwaysUseLowerCamelCase
package func Link(to path: SitePath, _ text: String) -> HTML { "<a href=\"\(path)\">\(text)</a>" }

/// `<a href="…#…">text</a>`.
// swift-format-ignore: AlwaysUseLowerCamelCase
package func Link(to link: SiteLink, _ text: String) -> HTML { "<a href=\"\(link)\">\(text)</a>" }
