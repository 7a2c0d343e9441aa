/// Names for files and addresses made of names that a study chose.
enum Slugs {
  /// Lower-case letters, digits and single hyphens, at most 40 characters; never empty. Safe in file
  /// names, addresses, TeX labels and ids.
  static func slug(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "a"..."z", "0"..."9": text.unicodeScalars.append(scalar)
      case "A"..."Z": text += String(Character(scalar)).lowercased()
      default: if !text.isEmpty, text.last != "-" { text += "-" }
      }
      if text.utf8.count == 40 { break }
    }
    while text.last == "-" { text.removeLast() }
    if text.isEmpty { return "x" }
    return isDevice(text) ? text + "-x" : text
  }

  /// Whether Windows takes `name` for a device: an archive with such a folder cannot be unpacked there.
  private static func isDevice(_ name: String) -> Bool {
    let base = name.prefix { $0 != "." }.lowercased()
    let hasNumber = base.utf8.count == 4 && base.last?.isWholeNumber == true
    return ["con", "prn", "aux", "nul"].contains(base)
      || hasNumber && (base.hasPrefix("com") || base.hasPrefix("lpt"))
  }

  /// One name for each of `names`, in their order, no two alike: the later one gets a number.
  static func unique(_ names: [String], by make: (String) -> String) -> [String] {
    var taken: Set<String> = []
    return names.map { name in
      let base = make(name)
      var candidate = base
      var number = 2
      while !taken.insert(candidate.lowercased()).inserted {
        candidate = "\(base)-\(number)"
        number += 1
      }
      return candidate
    }
  }

  /// A folder's name for a run: the run's own where that is a plain name, its slug otherwise.
  static func folder(_ name: String) -> String {
    let isPlain =
      name.utf8.count <= 80 && name.first.map { !".-_".contains($0) } == true
      && name.last != "." && !isDevice(name)
      && name.unicodeScalars.allSatisfy {
        switch $0 {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
        default: false
        }
      }
    return isPlain ? name : slug(name)
  }
}
