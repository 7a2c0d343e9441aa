/// Something that a reader may look for.
struct SearchEntry: Sendable, Hashable {
  enum Kind: Int, Sendable {
    case heading
    case figure
    case table
    case columns
  }

  let kind: Kind
  let text: String
  /// Where on the page; empty for its top.
  let id: String
}

/// The words of all pages as a classic script that assigns one global: it loads from a file, too.
enum SearchIndex {
  static let path = SitePath(unchecked: "search-index.js")

  /// A warning is due above this many bytes.
  static let budget = 300_000

  static func script(of pages: [SitePage]) -> String {
    var output = "var tendSearchIndex=[\n"
    for (index, page) in pages.enumerated() {
      if index > 0 { output += ",\n" }
      output +=
        "[\(SearchText.literal(page.path.string)),\(SearchText.literal(page.title)),\(SearchText.literal(page.section)),["
      var first = true
      for entry in page.body.searchEntries where !entry.text.isEmpty {
        if !first { output += "," }
        first = false
        output +=
          "[\(entry.kind.rawValue),\(SearchText.literal(entry.text)),\(SearchText.literal(entry.id))]"
      }
      output += "]]"
    }
    return output + "\n];\n"
  }
}

/// Strings of scripts.
package enum SearchText {
  /// `text` as a string of JavaScript that is inert inside HTML as well.
  package static func literal(_ text: String) -> String {
    var output = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "<", ">", "&", "\u{2028}", "\u{2029}": output += escape(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: output += escape(scalar)
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output + "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
