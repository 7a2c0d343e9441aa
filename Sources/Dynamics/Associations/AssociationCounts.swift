import Statistics

/// Counts what the associations had to leave out.
struct AssociationCounts {
  private struct Cause: Hashable {
    let what: String
    let run: String
    let reason: String
    let detail: String
  }

  private var counts: [Cause: Int] = [:]
  private var unpaired: [Cause: Int] = [:]

  mutating func note(_ request: AssociationEngine.Request, _ row: AssociationRow?) {
    let key = request.key
    for pairs in request.pairs where pairs.unpaired > 0 {
      let cause = Cause(
        what: "layers", run: pairs.run, reason: "convergence or PER is missing",
        detail: [key.component, key.object].filter { !$0.isEmpty }.joined(separator: " "))
      unpaired[cause] = max(unpaired[cause] ?? 0, pairs.unpaired)
    }
    guard let row else {
      let endless =
        key.method == .pearson
        && request.pairs.contains { $0.sample.x.contains(where: \.isInfinite) }
      let reason =
        endless
        ? "Pearson of a measure with a layer that never settles"
        : "coefficient not defined (too few layers, constant values or explained by depth)"
      note(
        Cause(what: "association rows", run: key.run, reason: reason, detail: key.scope.rawValue))
      return
    }
    guard key.run.isEmpty, row.runs.count < request.pairs.count else { return }
    for pairs in request.pairs where !row.runs.contains(pairs.run) {
      note(
        Cause(
          what: "entries of a run in combined rows", run: pairs.run,
          reason: "too few layers or no coefficient", detail: key.scope.rawValue))
    }
  }

  private mutating func note(_ cause: Cause) { counts[cause, default: 0] += 1 }

  var leftOut: [LeftOut] {
    counts.merging(unpaired) { $0 + $1 }.map { cause, count in
      LeftOut(
        what: cause.what, run: cause.run, reason: cause.reason, count: count,
        detail: cause.detail)
    }.sorted(by: LeftOut.isOrdered)
  }
}
