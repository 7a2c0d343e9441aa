/// Something that did not enter the statistics, counted, with its reason: nothing leaves silently.
package struct LeftOut: Sendable, Codable, Equatable, TableRow {
  /// `checkpoints`, `values`, `measures`, `runs` …
  package let what: String
  /// Empty where no single run is meant.
  package let run: String
  package let reason: String
  package let count: Int
  package let detail: String
  /// The steps, where checkpoints are meant.
  package let steps: [Int]

  package init(
    what: String, run: String = "", reason: String, count: Int, detail: String = "",
    steps: [Int] = []
  ) {
    self.what = what
    self.run = run
    self.reason = reason
    self.count = count
    self.detail = detail
    self.steps = steps
  }

  package static let columns = ["what", "run", "reason", "count", "detail"]

  package var cells: [TableCell] {
    [.word(what), .name(run), .word(reason), .integer(count), .name(detail)]
  }

  /// `3 checkpoints of run base left out: audit, identical final (steps 4, 8, 16).`
  package var sentence: String {
    let of = run.isEmpty ? "" : " of run \(run)"
    let tail = detail.isEmpty ? "" : " (\(detail))"
    return "\(Wording.count(count)) \(noun)\(of) left out: \(words)\(tail)."
  }

  /// The sentences of `entries`, one for all runs that miss the same for the same reason:
  /// `2 checkpoints each of 22 runs left out: …`, `7 values of 2 runs left out: … a 4, b 3.`
  package static func sentences(_ entries: [LeftOut]) -> [String] {
    var groups: [[LeftOut]] = []
    for entry in entries {
      let place = groups.firstIndex { $0[0].isAlike(entry) }
      if let place { groups[place].append(entry) } else { groups.append([entry]) }
    }
    return groups.map(sentence(ofAlike:))
  }

  /// Whether a sentence can speak of both: of several runs, or of several details of the whole study.
  private func isAlike(_ other: LeftOut) -> Bool {
    guard what == other.what, reason == other.reason, run.isEmpty == other.run.isEmpty else {
      return false
    }
    return run.isEmpty ? !detail.isEmpty && !other.detail.isEmpty : detail == other.detail
  }

  private static func sentence(ofAlike group: [LeftOut]) -> String {
    let first = group[0]
    guard group.count > 1 else { return first.sentence }
    let total = group.reduce(0) { $0 + $1.count }
    guard !first.run.isEmpty else {
      let parts = group.map { "\($0.detail) \(Wording.count($0.count))" }
      return "\(Wording.count(total)) \(first.what) left out: \(first.words): "
        + parts.joined(separator: ", ") + "."
    }
    let tail = first.detail.isEmpty ? "" : " (\(first.detail))"
    if Set(group.map(\.count)).count == 1 {
      return
        "\(Wording.count(first.count)) \(first.noun) each of \(Wording.count(group.count)) runs "
        + "left out: \(first.words)\(tail). The runs: \(Wording.list(group.map(\.run)))."
    }
    let parts = group.map { "\($0.run) \(Wording.count($0.count))" }
    return "\(Wording.count(total)) \(first.what) of \(Wording.count(group.count)) runs left out: "
      + "\(first.words)\(tail): \(parts.joined(separator: ", "))."
  }

  private var noun: String { count == 1 && what.hasSuffix("s") ? String(what.dropLast()) : what }

  /// The reason as words: `audit, identical final` for `audit: identical_final`.
  private var words: String {
    reason.hasPrefix(AuditExclusions.reason)
      ? "audit, "
        + reason.dropFirst(AuditExclusions.reason.count).map { $0 == "_" ? " " : String($0) }
        .joined()
      : reason
  }

  static func isOrdered(_ a: LeftOut, _ b: LeftOut) -> Bool {
    if a.what != b.what { return precedes(a.what, b.what) }
    if a.run != b.run { return precedes(a.run, b.run) }
    if a.reason != b.reason { return precedes(a.reason, b.reason) }
    return precedes(a.detail, b.detail)
  }
}
