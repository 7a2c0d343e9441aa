import Statistics

/// Which associations a study has, with their pairs: every measure of a similarity curve with the mean
/// of PER, and with the layer's depth.
///
/// METHODS section 6 pairs convergence with PER and names no measure that is left out; of PER's five
/// summaries it is the mean on which the questions rest (section 7). All combined rows of a similarity,
/// window, method and scope are one family of tests, so which pairs there are decides about q;
/// `FamilyAlternatives` says what other choices would give.
struct AssociationPlan: Sendable {
  /// One combination of measures with the pairs of every run that has some.
  struct Item: Sendable {
    /// Method and scope are filled in by the rows.
    let key: AssociationKey
    /// The similarity's own variant.
    let variant: String
    let pairs: [PairSource.RunPairs]
  }

  let items: [Item]

  /// `fullProduct`: the PER of OV is that of the product of all heads; `summaries`: those of PER.
  init(
    _ source: PairSource, windows: [Window], fullProduct: Bool = false,
    summaries: [Measure] = [.mean],
    where isMeant: (PairSource.Similarity) -> Bool = { _ in true }
  ) {
    var items: [Item] = []
    for family in Self.families(source) where isMeant(family.similarity) {
      for window in windows {
        items += Self.depthItems(source, family, window)
        for object in ["weights", "gradients"] {
          items += Self.rankItems(source, family, object, window, fullProduct, summaries)
        }
      }
    }
    self.items = items
  }

  /// The similarities, and for each further variant of the PER alone the default similarity under
  /// that variant's name.
  private static func families(_ source: PairSource)
    -> [(similarity: PairSource.Similarity, variant: String)]
  {
    source.similarities.flatMap { similarity in
      var variants = [similarity.variant]
      if similarity.variant == "default" {
        variants += MeasurementVocabulary.variants.filter { variant in
          var other = similarity
          other.variant = variant
          return variant != "default" && !source.has(other)
        }
      }
      return variants.map { (similarity, $0) }
    }
  }

  private static func rankItems(
    _ source: PairSource,
    _ family: (similarity: PairSource.Similarity, variant: String), _ object: String,
    _ window: Window, _ fullProduct: Bool, _ summaries: [Measure]
  ) -> [Item] {
    guard let component = PairSource.rankComponent(for: family.similarity.component) else {
      return []
    }
    let probe = family.similarity.probe
    func rank(_ variant: String) -> PairSource.Rank? {
      source.rank(
        component, object: object, variant: variant, probe: probe, fullProduct: fullProduct)
    }
    let own = rank(family.variant)
    // A row under a variant's name needs one side at least in that variant.
    guard own != nil || family.similarity.variant == family.variant,
      let rank = own ?? rank("default")
    else { return [] }
    return summaries.flatMap { summary in
      Measure.ofSimilarities.compactMap { measure in
        let pairs = source.pairs(family.similarity, measure, with: rank, summary, window)
        return item(family, object, measure, summary.rawValue, window, pairs)
      }
    }
  }

  private static func depthItems(
    _ source: PairSource,
    _ family: (similarity: PairSource.Similarity, variant: String), _ window: Window
  ) -> [Item] {
    guard family.similarity.variant == family.variant else { return [] }
    return Measure.ofSimilarities.compactMap { measure in
      let pairs = source.pairs(family.similarity, measure, with: nil, .mean, window)
      return item(family, "", measure, AssociationKey.depth, window, pairs)
    }
  }

  private static func item(
    _ family: (similarity: PairSource.Similarity, variant: String), _ object: String,
    _ measure: Measure, _ perMeasure: String, _ window: Window, _ pairs: [PairSource.RunPairs]
  ) -> Item? {
    guard !pairs.isEmpty else { return nil }
    let similarity = family.similarity
    return Item(
      key: AssociationKey(
        run: "", component: similarity.component, object: object, metric: similarity.metric,
        measure: measure, perMeasure: perMeasure, variant: family.variant, rows: similarity.rows,
        probe: similarity.probe, window: window, method: .spearman, scope: .pooled),
      variant: similarity.variant, pairs: pairs)
  }
}
