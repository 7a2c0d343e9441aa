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
  let methods: [CorrelationMethod]
  /// Runs that are combined: those without an intervention.
  let baseline: Set<String>

  /// One row to compute.
  struct Request: Sendable {
    let key: AssociationKey
    /// The variant of the similarity, which need not have that of the row.
    let variant: String
    let pairs: [PairSource.RunPairs]
  }

  /// A row, or the row but for an interval and p that come from resampling its runs' layers.
  private enum Estimate {
    case row(AssociationRow)
    case descriptive(AssociationRow, usable: [Int])
  }

  /// All rows of `plan`, adjusted and sorted, and what had to be left out.
  func rows(_ plan: AssociationPlan) -> (rows: [AssociationRow], leftOut: [LeftOut]) {
    let requests = plan.items.flatMap(requests)
    let estimates = parallelMap(requests, threads: threads) { self.estimate($0) }
    var rows: [AssociationRow] = []
    var grids: [ResampledGrid.Key: ResampledGrid] = [:]
    var count = AssociationCounts()
    for (request, estimate) in zip(requests, estimates) {
      switch estimate {
      case nil: count.note(request, nil)
      case .row(let row)?:
        count.note(request, row)
        rows.append(row)
      case .descriptive(let row, let usable)?:
        count.note(request, row)
        let strata = usable.map { request.pairs[$0] }
        let key = ResampledGrid.Key(row.key, variant: request.variant, strata)
        grids[key, default: ResampledGrid(key)].add(row, strata)
      }
    }
    // The largest first, so that no thread is left with one at the end.
    let ordered = grids.values.sorted { a, b in
      a.cost != b.cost ? a.cost > b.cost : a.key.isOrdered(before: b.key)
    }
    rows += parallelMap(ordered, threads: threads) { self.resampled($0) }.flatMap { $0 }
    rows.sort { AssociationKey.isOrdered($0.key, before: $1.key) }
    return (AssociationRow.adjusted(rows), count.leftOut)
  }

  /// Combined rows and each run's own, by method and scope.
  private func requests(_ item: AssociationPlan.Item) -> [Request] {
    let isDepth = item.key.perMeasure == AssociationKey.depth
    let scopes = AssociationScope.allCases.filter { !isDepth || $0 != .withinGivenDepth }
    let combined = item.pairs.filter { baseline.contains($0.run) }
    return methods.flatMap { method in
      scopes.flatMap { scope -> [Request] in
        var key = item.key
        key.method = method
        key.scope = scope
        var requests =
          combined.isEmpty ? [] : [Request(key: key, variant: item.variant, pairs: combined)]
        guard scope != .pooled else { return requests }
        for pairs in item.pairs {
          key.run = pairs.run
          requests.append(Request(key: key, variant: item.variant, pairs: [pairs]))
        }
        return requests
      }
    }
  }

  /// Nil where the coefficient is not defined.
  private func estimate(_ request: Request) -> Estimate? {
    let samples = request.pairs.map(\.sample)
    let key = request.key
    if key.method == .pearson, samples.contains(where: { $0.x.contains(where: \.isInfinite) }) {
      return nil
    }
    return key.run.isEmpty
      ? combined(key, request.pairs, samples) : own(key, samples[0])
  }

  private func combined(
    _ key: AssociationKey, _ pairs: [PairSource.RunPairs], _ samples: [PairedSample]
  ) -> Estimate? {
    let scope = key.scope.scope
    guard let all = StratifiedCorrelation(samples, method: key.method, scope: scope) else {
      return nil
    }
    let runs = all.usable.map { pairs[$0].run }
    let isDescriptive = key.scope == .pooled || all.usable.count < Self.fewestRuns
    let interval = isDescriptive ? nil : all.hartungKnappInterval()
    let row = AssociationRow(
      key: key, estimate: all.estimate, lower: interval?.lower, upper: interval?.upper,
      p: isDescriptive ? nil : all.combined?.p, q: nil, n: all.n, runs: runs,
      isDescriptive: isDescriptive)
    return isDescriptive ? .descriptive(row, usable: all.usable) : .row(row)
  }

  private func own(_ key: AssociationKey, _ sample: PairedSample) -> Estimate? {
    let coefficient = partialCorrelation(
      key.method, sample.x, sample.y, given: sample.control, key.scope.scope.control)
    guard let estimate = coefficient.value else { return nil }
    let row = AssociationRow(
      key: key, estimate: estimate, lower: nil, upper: nil, p: nil, q: nil, n: sample.count,
      runs: [key.run], isDescriptive: true)
    return .descriptive(row, usable: [0])
  }

  /// The rows of a grid with their layer bootstrap and permutation p.
  private func resampled(_ grid: ResampledGrid) -> [AssociationRow] {
    let scope = grid.key.scope.scope
    guard permutations > 0 || resamples > 0,
      let lists = CorrelationGrid(grid.strata, method: grid.key.method, scope: scope)
    else {
      return grid.rows
    }
    var generator = generator(for: grid.key.words)
    let intervals = lists.intervals(grid.pairs, resamples: resamples, using: &generator)
    let p = lists.p(grid.pairs, permutations: permutations, using: &generator)
    return grid.rows.indices.map { place in
      var row = grid.rows[place]
      row.lower = intervals[place]?.lower
      row.upper = intervals[place]?.upper
      row.p = p[place]
      return row
    }
  }

  /// Seeded from SHA-256 of the study's seed and the words, so that no row depends on another.
  private func generator(for words: [String]) -> SeededGenerator {
    let text = ([String(seed)] + words).joined(separator: "\u{1F}")
    let word = SHA256Digest(of: Array(text.utf8)).bytes.prefix(8).reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    return SeededGenerator(seed: word)
  }
}
