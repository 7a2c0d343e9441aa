/// Hands out the ids of one page, none twice.
///
/// Ids that templates use begin with `_`, which no slug does, so the two never meet.
package struct HeadingIDs: Sendable, Hashable {
  private var taken: Set<String> = []
  private var counts: [String: Int] = [:]

  package init() {}

  /// Marks `id` as used; false if it was already.
  package mutating func reserve(_ id: String) -> Bool { taken.insert(id).inserted }

  /// A new id for a heading with this plain text: its slug, with `-2`, `-3` … if taken.
  package mutating func unique(for text: String) -> String {
    unique(base: Self.slug(text))
  }

  /// `base` itself, or with `-2`, `-3` … if taken.
  package mutating func unique(base: String) -> String {
    if taken.insert(base).inserted { return base }
    var count = counts[base, default: 1]
    var id = base
    repeat {
      count += 1
      id = "\(base)-\(count)"
    } while !taken.insert(id).inserted
    counts[base] = count
    return id
  }

  /// Letters and digits of `text` in lower case, everything else as single hyphens; at most
  /// 80 characters, `section` where nothing is left.
  package static func slug(_ text: String) -> String {
    var output = ""
    var pending = false
    var length = 0
    for scalar in text.lowercased().unicodeScalars {
      guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil else {
        pending = length > 0
        continue
      }
      if length >= 80 { break }
      if pending { output += "-" }
      pending = false
      output.unicodeScalars.append(scalar)
      length += 1
    }
    return output.isEmpty ? "section" : output
  }
}
