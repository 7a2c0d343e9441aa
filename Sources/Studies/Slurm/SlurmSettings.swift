/// What the jobs of a study ask Slurm for: `slurm:` in study.yaml.
///
/// Every value stands on a line of a script that others run, so none is taken that could say more than its
/// key: words of a closed alphabet, and options one by one.
package struct SlurmSettings: Sendable, Equatable {
  package var partition: String?
  package var account: String?
  /// As Slurm writes it; `nil`: from the plan's estimate.
  package var time: String?
  /// As Slurm writes it; `nil`: from the plan's estimate.
  package var memory: String?
  /// Into how many shards the work is cut; `nil`: one a checkpoint, 64 at most.
  package var tasks: Int?
  /// How many tasks run at once; `nil`: as many as Slurm lets.
  package var limit: Int?
  /// Cores and threads of a task.
  package var threads = 1
  /// Further options of sbatch, one a line.
  package var lines: [String] = []

  package init() {}

  static let keys = [
    "partition", "account", "time", "memory", "tasks", "limit", "threads", "lines",
  ]
  /// Shards of a study that does not say how many: sites dislike floods of short jobs.
  static let usualTasks = 64
}

extension SlurmSettings {
  /// The settings at `cursor`; mistakes are noted there.
  init(_ cursor: YAMLCursor) {
    guard let entries = cursor.mapping(Self.keys) else { return }
    partition = entries["partition"]?.plainWord()
    account = entries["account"]?.plainWord()
    time = entries["time"]?.text(
      matching: Self.isTime, "expected minutes, hours:minutes:seconds or days-hours, as Slurm does")
    memory = entries["memory"]?.text(
      matching: Self.isMemory, "expected a number of megabytes, or one with K, M, G or T, as in 8G")
    tasks = entries["tasks"]?.integer(atLeast: 1, atMost: Shard.most)
    limit = entries["limit"]?.integer(atLeast: 1, atMost: Shard.most)
    threads = entries["threads"]?.integer(atLeast: 1, atMost: 1024) ?? 1
    lines = (entries["lines"]?.list() ?? []).compactMap { line in
      guard let text = line.text() else { return nil }
      if let mistake = SlurmLine.mistake(in: text) {
        line.note(mistake)
        return nil
      }
      return text
    }
  }

  /// Minutes, m:s, h:m:s, d-h, d-h:m, d-h:m:s, or UNLIMITED (slurm.schedmd.com/sbatch.html).
  static func isTime(_ text: String) -> Bool {
    if text.uppercased() == "UNLIMITED" { return true }
    let days = text.split(separator: "-", omittingEmptySubsequences: false)
    guard days.count <= 2, let clock = days.last else { return false }
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count <= 3 && (parts + days.dropLast()).allSatisfy { isNumber($0, digits: 6) }
  }

  static func isMemory(_ text: String) -> Bool {
    isNumber(
      text.last.map { "KMGTkmgt".contains($0) } == true ? text.dropLast() : text[...], digits: 12)
  }

  private static func isNumber(_ text: Substring, digits: Int) -> Bool {
    (1...digits).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}

extension YAMLCursor {
  /// A name of Slurm's: letters, digits and what sites put between them.
  fileprivate func plainWord() -> String? {
    text(
      matching: { word in
        word.utf8.count <= 200 && !word.hasPrefix("-")
          && word.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
              || (0x61...0x7A).contains(byte) || "_.,-+@".utf8.contains(byte)
          }
      }, "expected letters, digits and any of _ . , - + @")
  }

  fileprivate func text(matching isRight: (String) -> Bool, _ expected: String) -> String? {
    guard let text = text() else { return nil }
    guard isRight(text) else {
      note("\(Spelling.quoted(text)): \(expected)")
      return nil
    }
    return text
  }

  fileprivate func integer(atLeast minimum: Int, atMost maximum: Int) -> Int? {
    guard let value = integer(atLeast: minimum) else { return nil }
    guard value <= maximum else {
      note("must be at most \(maximum), found \(value)")
      return nil
    }
    return value
  }
}
