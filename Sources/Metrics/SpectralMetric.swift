/// The quantities of a spectrum by the names of the contract's `metric` column.
package enum SpectralMetric: String, Sendable, CaseIterable {
  case per
  case effectiveRank = "effective_rank"
  case stableRank = "stable_rank"
  case participationRatio = "participation_ratio"
  case numericalRank = "numerical_rank"
  case conditionNumber = "condition_number"
  case spectralNorm = "spectral_norm"
  case nuclearNorm = "nuclear_norm"
  case frobeniusNorm = "frobenius_norm"
  case spectralEntropy = "spectral_entropy"
  case alpha
}

extension Spectrum {
  /// One quantity of this spectrum; `k` is what PER divides by: min(rows, columns) of a matrix, d_h
  /// of a head's OV product, min(2 d_h, d) of its gradient, d of the full product.
  package func value(_ metric: SpectralMetric, k: Int) -> Result<Double, Gap> {
    Result { () throws(Gap) in
      switch metric {
      case .per: try per(k: k)
      case .effectiveRank: try effectiveRank()
      case .stableRank: try stableRank()
      case .participationRatio: try participationRatio()
      case .numericalRank: Double(numericalRank)
      case .conditionNumber: try conditionNumber()
      case .spectralNorm: spectralNorm
      case .nuclearNorm: nuclearNorm
      case .frobeniusNorm: frobeniusNorm
      case .spectralEntropy: try spectralEntropy()
      case .alpha: try tailExponent().alpha
      }
    }
  }
}
