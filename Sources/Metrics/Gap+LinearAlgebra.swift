package import LinearAlgebra

extension Gap {
  /// The gap that a failed factorisation leaves.
  package init(_ error: LinearAlgebraError) {
    switch error {
    case .nonFinite: self = .nonFinite
    case .notConverged: self = .notConverged
    }
  }

  /// The result of `body`, its failure turned into a gap.
  static func from<Result>(_ body: () throws(LinearAlgebraError) -> Result) throws(Gap) -> Result {
    do { return try body() } catch { throw Gap(error) }
  }
}
