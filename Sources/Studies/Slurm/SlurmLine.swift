/// A line of a study that is handed to sbatch as it stands, behind `#SBATCH`.
enum SlurmLine {
  /// Options that `tend submit` depends on. `export` among them: the jobs need the submitter's environment,
  /// and a study must not put libraries of its own into it.
  private static let own = [
    "array", "chdir", "cpus-per-task", "dependency", "error", "export", "export-file",
    "get-user-env",
    "gid", "help", "input", "job-name", "no-requeue", "ntasks", "nodes", "open-mode", "output",
    "parsable", "quiet", "requeue", "signal", "test-only", "uid", "usage", "version", "wait",
    "wrap",
  ]
  /// Those that have a key.
  private static let keys = [
    "partition": "partition", "account": "account", "time": "time", "mem": "memory",
  ]

  /// Why `line` is not taken; `nil` where it is.
  static func mistake(in line: String) -> String? {
    let quoted = Spelling.quoted(line)
    guard line.utf8.count <= 500 else { return "a line has at most 500 bytes" }
    guard line.hasPrefix("--") else {
      return "\(quoted): expected an option of sbatch in its long form, such as --qos=long"
    }
    let isPrintable = line.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
      default: true
      }
    }
    guard isPrintable, !line.contains("\\") else {
      return "\(quoted): one line, without control characters and backslashes"
    }
    for mark in ["\"", "'"] where line.count(where: { String($0) == mark }) % 2 != 0 {
      return "\(quoted): a quotation mark \(mark) has no other"
    }
    // sbatch takes the quotation marks away before it looks for options.
    let words = line.filter { $0 != "\"" && $0 != "'" }.split(whereSeparator: \.isWhitespace)
    for word in words where word.hasPrefix("-") {
      guard word.hasPrefix("--"), word.count > 2 else {
        return "\(quoted): write \(word) in its long form, with = before a value"
      }
      let name = word.dropFirst(2).prefix { $0 != "=" }.lowercased()
      if let key = keys[name] { return "\(quoted): use the key \(key)" }
      // sbatch completes what was cut short.
      if own.contains(where: { $0.hasPrefix(name) }) {
        return "\(quoted): --\(name) is set by tend submit itself"
      }
    }
    return nil
  }
}
