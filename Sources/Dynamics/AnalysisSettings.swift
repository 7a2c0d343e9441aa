package import Statistics

/// What a study may say about its analysis.
package struct AnalysisSettings: Sendable {
  /// The first step of the window `late`; nil: the last one with u ≤ 0.01.
  package var lateFrom: Int?
  package var audit: AuditPolicy
  /// Of each descriptive p; 0 for none.
  package var permutations: Int
  /// Of each layer bootstrap; 0 for none.
  package var resamples: Int
  package var threads: Int
  /// The coefficients that are tabled; the claims read Spearman's alone.
  package var methods: [CorrelationMethod]

  package init(
    lateFrom: Int? = nil, audit: AuditPolicy = .drop, permutations: Int = 9_999,
    resamples: Int = 2_000, threads: Int = 2,
    methods: [CorrelationMethod] = CorrelationMethod.allCases
  ) {
    self.lateFrom = lateFrom
    self.audit = audit
    self.permutations = permutations
    self.resamples = resamples
    self.threads = threads
    self.methods = methods
  }
}
