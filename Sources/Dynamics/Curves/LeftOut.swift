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

  /// `3 checkpoints of run base are left out: audit: identical_final (steps 4, 8, 16).`
  package var sentence: String {
    let of = run.isEmpty ? "" : " of run \(run)"
    let tail = detail.isEmpty ? "" : " (\(detail))"
    let noun = count == 1 && what.hasSuffix("s") ? String(what.dropLast()) : what
    return "\(Wording.count(count)) \(noun)\(of) left out: \(reason)\(tail)."
  }

  static func isOrdered(_ a: LeftOut, _ b: LeftOut) -> Bool {
    if a.what != b.what { return precedes(a.what, b.what) }
    if a.run != b.run { return precedes(a.run, b.run) }
    if a.reason != b.reason { return precedes(a.reason, b.reason) }
    return precedes(a.detail, b.detail)
  }
}
