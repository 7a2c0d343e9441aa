/// What becomes of checkpoints that the audit flagged.
package enum AuditPolicy: String, Sendable, CaseIterable {
  /// Out of every statistic.
  case drop
  /// In; identical neighbours stay collapsed.
  case keep
}

/// The steps that leave the statistics, with their reasons.
struct AuditExclusions {
  /// What a collapsed checkpoint's finding is called: it repeats its neighbour and carries nothing.
  static let collapsed = "identical_neighbour"

  /// How the reason of what the audit took out begins.
  static let reason = "audit: "

  private let steps: [String: [Int: AuditFinding]]

  init(_ findings: [AuditFinding], policy: AuditPolicy) {
    var steps: [String: [Int: AuditFinding]] = [:]
    for finding in findings
    where finding.excluded && (policy == .drop || finding.finding == Self.collapsed) {
      // A collapsed step that is flagged for something else too is named with the graver reason.
      let known = steps[finding.run]?[finding.step]
      if known == nil || known?.finding == Self.collapsed {
        steps[finding.run, default: [:]][finding.step] = finding
      }
    }
    self.steps = steps
  }

  func contains(_ run: String, _ step: Int) -> Bool { steps[run]?[step] != nil }

  /// One entry a run and reason, for the steps that the table has.
  func leftOut(present: [String: Set<Int>]) -> [LeftOut] {
    var entries: [LeftOut] = []
    for (run, findings) in steps {
      let here = findings.filter { present[run]?.contains($0.key) == true }
      let byFinding = Dictionary(grouping: here.values) { $0.finding }
      for (finding, list) in byFinding {
        let steps = list.map(\.step).sorted()
        entries.append(
          LeftOut(
            what: "checkpoints", run: run, reason: Self.reason + finding, count: list.count,
            detail: (steps.count == 1 ? "step " : "steps ")
              + steps.map(String.init).joined(separator: ", "), steps: steps))
      }
    }
    return entries.sorted(by: LeftOut.isOrdered)
  }
}
