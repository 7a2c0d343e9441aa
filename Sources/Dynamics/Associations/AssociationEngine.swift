import Files
import Statistics

/// Estimates, intervals and p-values of associations (METHODS, section 6).
struct AssociationEngine: Sendable {
  /// From so many usable runs on, interval and p of combined rows are Hartung–Knapp's over runs.
  static let fewestRuns = 4

  let seed: UInt64
  let permutations: Int
  let resamples: Int
  let threads: Int
  /// Runs that are combined: those without an intervention.
  let baseline: Set<String>

  /// One row to compute.
  struct Request: Sendable {
    let key: AssociationKey
    let pairs: [PairSource.RunPairs]
  }

  /// All rows of `plan`, adjusted and sorted, and what had to be left out.
  func rows(_ plan: AssociationPlan) -> (rows: [AssociationRow], leftOut: [LeftOut]) {
    let requests = plan.items.flatMap(requests)
    let results = parallelMap(requests, threads: threads) { self.row($0) }
    var rows: [AssociationRow] = []
    var count = AssociationCounts()
    for (request, row) in zip(requests, results) {
      count.note(request, row)
      if let row { rows.append(row) }
    }
    rows.sort { AssociationKey.isOrdered($0.key, before: $1.key) }
    return (AssociationRow.adjusted(rows), count.leftOut)
  }

  /// Combined rows and each run's own, by method and scope.
  private func requests(_ item: AssociationPlan.Item) -> [Request] {
    let isDepth = item.key.perMeasure == AssociationKey.depth
    let scopes = AssociationScope.allCases.filter { !isDepth || $0 != .withinGivenDepth }
    let combined = item.pairs.filter { baseline.contains($0.run) }
    return CorrelationMethod.allCases.flatMap { method in
      scopes.flatMap { scope -> [Request] in
        var key = item.key
        key.method = method
        key.scope = scope
        var requests = combined.isEmpty ? [] : [Request(key: key, pairs: combined)]
        guard scope != .pooled, AssociationPlan.isOwn(key) else { return requests }
        for pairs in item.pairs {
          key.run = pairs.run
          requests.append(Request(key: key, pairs: [pairs]))
        }
        return requests
      }
    }
  }

  /// Nil where the coefficient is not defined.
  func row(_ request: Request) -> AssociationRow? {
    let samples = request.pairs.map(\.sample)
    let key = request.key
    if key.method == .pearson, samples.contains(where: { $0.x.contains(where: \.isInfinite) }) {
      return nil
    }
    return key.run.isEmpty ? combined(key, request.pairs, samples) : own(key, samples[0])
  }

  private func combined(
    _ key: AssociationKey, _ pairs: [PairSource.RunPairs], _ samples: [PairedSample]
  ) -> AssociationRow? {
    let scope = key.scope.scope
    guard let all = StratifiedCorrelation(samples, method: key.method, scope: scope) else {
      return nil
    }
    let runs = all.usable.map { pairs[$0].run }
    if key.scope != .pooled, all.usable.count >= Self.fewestRuns {
      let interval = all.hartungKnappInterval()
      return AssociationRow(
        key: key, estimate: all.estimate, lower: interval?.lower, upper: interval?.upper,
        p: all.combined?.p, q: nil, n: all.n, runs: runs, isDescriptive: false)
    }
    let (interval, p) = resampled(key, all.usable.map { samples[$0] })
    return AssociationRow(
      key: key, estimate: all.estimate, lower: interval?.lower, upper: interval?.upper, p: p,
      q: nil, n: all.n, runs: runs, isDescriptive: true)
  }

  private func own(_ key: AssociationKey, _ sample: PairedSample) -> AssociationRow? {
    let coefficient = partialCorrelation(
      key.method, sample.x, sample.y, given: sample.control, key.scope.scope.control)
    guard let estimate = coefficient.value else { return nil }
    let (interval, p) = resampled(key, [sample])
    return AssociationRow(
      key: key, estimate: estimate, lower: interval?.lower, upper: interval?.upper, p: p, q: nil,
      n: sample.count, runs: [key.run], isDescriptive: true)
  }

  private func resampled(_ key: AssociationKey, _ samples: [PairedSample])
    -> (interval: Interval?, p: Double?)
  {
    var generator = generator(for: key)
    let interval = StratifiedBootstrap(
      method: key.method, scope: key.scope.scope, resamples: resamples
    ).interval(samples, using: &generator)
    let p = PermutationTest(
      method: key.method, scope: key.scope.scope, permutations: permutations
    ).p(samples, using: &generator)
    return (interval, p)
  }

  /// Seeded from SHA-256 of the study's seed and the row's key, so that no row depends on another.
  private func generator(for key: AssociationKey) -> SeededGenerator {
    let text = ([String(seed)] + key.words).joined(separator: "\u{1F}")
    let word = SHA256Digest(of: Array(text.utf8)).bytes.prefix(8).reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    return SeededGenerator(seed: word)
  }
}
