/// Decides each claim on a probe under any lens, and what the others of its lenses say.
struct ClaimDecider: Sendable {
  let source: ClaimSource
  let probe: String

  /// The headline's lens.
  var headline: Lens { Lens(metric: source.headlineMetric) }

  func decision(_ id: ClaimID, _ lens: Lens, isHeadline: Bool, ladder: Ladder?) -> Decision {
    let sizes = SizeClaims(source: source, ladder: ladder, probe: probe)
    let layers = LayerClaims(source: source, probe: probe)
    switch id {
    case .c1:
      return sizes.stabiliseEarlier(
        lens, estimators: isHeadline ? estimators(lens) : [lens.metric])
    case .c2: return sizes.stabiliseMonotonically(lens)
    case .c3: return layers.convergenceGoesWithRank(lens)
    case .c4: return layers.earlyLayersFirst(lens)
    case .c5: return sizes.rankGrowsWithSize(lens)
    case .c6: return InterventionClaim(source: source, probe: probe).raisingSpeeds(lens)
    case .c7: return .undecided([])
    }
  }

  /// C1 reads both estimators where the table has both.
  private func estimators(_ lens: Lens) -> [String] {
    let both = ["cka_debiased", "cka"]
    guard both.contains(lens.metric) else { return [lens.metric] }
    return [lens.metric]
      + both.filter { metric in
        metric != lens.metric && source.data.pairs.similarities.contains { $0.metric == metric }
      }
  }

  /// Every key of METHODS section 7, in order, with the verdict that it gives.
  func sensitivity(_ id: ClaimID, headline decision: Decision, ladder: Ladder?)
    -> [SensitivityEntry]
  {
    keys(id).map { key, change in
      var lens = headline
      guard let change else {
        let isHeadline = key == headline.metric && Self.ofSimilarity.contains(id)
        return carried(
          key, decision, isHeadline ? SensitivityEntry.headline : SensitivityEntry.untouched)
      }
      guard change(&lens) else {
        return carried(key, decision, Self.nothingFlagged)
      }
      // C1's estimators are two in every lens but those that name one.
      let own = self.decision(
        id, lens, isHeadline: lens.metric == headline.metric, ladder: ladder)
      return entry(key, own, isOfVariant: lens.variant != "default")
    }
  }

  /// The note of `audit_keep` where it changes nothing.
  static let nothingFlagged = "no flagged checkpoint is left out"

  /// Whether a key can change a claim's verdict.
  func touches(_ id: ClaimID, _ key: String) -> Bool {
    keys(id).contains { $0.key == key && $0.change != nil }
  }

  /// Whether a key changes anything in this study.
  func changesSomething(_ key: String) -> Bool { key != "audit_keep" || source.kept != nil }

  /// A claim's verdict with a similarity under a key; nil where the key cannot touch it.
  func verdict(_ id: ClaimID, _ key: String, metric: String, ladder: Ladder?) -> Verdict? {
    var lens = Lens(metric: metric)
    guard let change = keys(id).first(where: { $0.key == key })?.change, change(&lens) else {
      return nil
    }
    let own = decision(id, lens, isHeadline: metric == headline.metric, ladder: ladder)
    return entry(key, own, isOfVariant: lens.variant != "default").verdict
  }

  func carried(_ key: String, _ decision: Decision, _ note: String) -> SensitivityEntry {
    SensitivityEntry(
      key: key, verdict: decision.verdict, effect: decision.effect, lower: decision.lower,
      upper: decision.upper, n: decision.n, note: note)
  }

  /// `isOfVariant`: only a decision that read rows of the key's variant counts.
  func entry(
    _ key: String, _ decision: Decision, isOfVariant: Bool = false
  ) -> SensitivityEntry {
    if isOfVariant, !decision.usedVariant, decision.verdict != .notEnoughData {
      return SensitivityEntry(
        key: key, verdict: .notEnoughData, effect: nil, lower: nil, upper: nil, n: 0,
        note: "the table has no rows of this variant on this probe")
    }
    guard decision.verdict == .notEnoughData else {
      return SensitivityEntry(
        key: key, verdict: decision.verdict, effect: decision.effect, lower: decision.lower,
        upper: decision.upper, n: decision.n, note: decision.reasons.joined(separator: "; "))
    }
    return SensitivityEntry(
      key: key, verdict: .notEnoughData, effect: nil, lower: nil, upper: nil, n: 0,
      note: decision.needs.isEmpty ? "" : "needs " + Wording.list(decision.needs))
  }

  /// The claims that a similarity decides.
  private static let ofSimilarity: Set<ClaimID> = [.c1, .c2, .c3, .c4, .c6]

  /// The change that a key makes to the headline's lens; nil where it cannot touch the claim, and
  /// false where it changes nothing in this study.
  private typealias Change = (inout Lens) -> Bool

  private func keys(_ id: ClaimID) -> [(key: String, change: Change?)] {
    var keys: [(String, Change?)] = []
    func add(_ key: String, _ claims: Set<ClaimID>, _ change: @escaping Change) {
      keys.append((key, claims.contains(id) ? change : nil))
    }
    let similarity = Self.ofSimilarity
    let head = headline.metric
    let others = source.metrics.filter { $0 != head && $0 != "cka" }
    let estimators = head == "cka" ? ["cka_debiased"] : ["cka"]
    for metric in estimators + others {
      add(metric, similarity) { lens in
        lens.metric = metric
        return true
      }
    }
    if head == "cka" {
      add("cka", []) { _ in true }
      keys.swapAt(0, keys.count - 1)
    }
    add("published_layout", similarity.union([.c5])) { lens in
      lens.variant = "published_layout"
      return true
    }
    add("published_truncation", [.c3, .c5]) { lens in
      lens.variant = "published_truncation"
      return true
    }
    add("late", [.c1, .c2, .c3, .c4, .c5, .c6]) { lens in
      lens.late = true
      return true
    }
    add("depth_squared", [.c3]) { lens in
      lens.depthSquared = true
      return true
    }
    add("non_embedding", [.c1, .c2, .c5]) { lens in
      lens.nonEmbedding = true
      return true
    }
    add("full_product", [.c3, .c5]) { lens in
      lens.fullProduct = true
      return true
    }
    add("audit_keep", [.c1, .c2, .c3, .c4, .c5, .c6]) { lens in
      lens.keepFlagged = true
      return changesSomething("audit_keep")
    }
    add("equal_loss", [.c1, .c2]) { lens in
      lens.equalLoss = true
      return true
    }
    if id == .c5 {
      add("expected_per", [.c5]) { lens in
        lens.relativeToExpected = true
        return true
      }
    }
    return keys
  }
}
