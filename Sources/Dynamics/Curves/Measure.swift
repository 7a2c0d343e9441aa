import Foundation

/// A summary of a curve by the name that `results/convergence.csv` gives it.
package enum Measure: String, Sendable, Codable, Hashable, CaseIterable {
  case at = "at_0.2"
  case settling = "settling_0.9"
  case area
  case areaLog = "area_log"
  case monotonicity
  case spearmanStep = "spearman_step"
  case instability
  case incrementDeviation = "increment_sd"
  case mean
  case meanLog = "mean_log"
  case final
  case variation = "cv"
  case slope

  /// The fraction of training of `at_0.2` and of the shares of settled layers.
  package static let fraction = 0.2
  /// The level of `settling_0.9`.
  package static let level = 0.9
  /// A similarity curve with fewer checkpoints has only `at`.
  static let fewestCheckpoints = 4

  /// In the order of the tables.
  package static let ofSimilarities: [Measure] = [
    .area, .areaLog, .at, .incrementDeviation, .instability, .monotonicity, .settling,
    .spearmanStep,
  ]
  /// Of every metric of weights and gradients, in the order of the tables.
  package static let ofMatrices: [Measure] = [.variation, .final, .mean, .meanLog, .slope]

  /// +1 where a high value means well converged, −1 where a low one does.
  package var orientation: Double {
    switch self {
    case .settling, .instability, .incrementDeviation: -1
    default: 1
    }
  }

  /// The measure of a curve; nil where it is not defined, +∞ for a layer that never settles.
  func value(of curve: CurveMeasures, endsAtFinal: Bool) -> Double? {
    switch self {
    case .at: curve.at(Self.fraction)
    case .settling: curve.settling(Self.level)
    case .area, .mean: curve.area
    case .areaLog, .meanLog: curve.areaLog
    case .monotonicity: curve.monotonicity
    case .spearmanStep: curve.spearmanStep
    case .instability: curve.instability
    case .incrementDeviation: curve.incrementDeviation
    case .final: endsAtFinal ? curve.c.last : nil
    case .variation: curve.variation
    case .slope: curve.slope
    }
  }
}

/// log₂(1 + t).
func log2Shifted(_ step: Double) -> Double { log2(1 + step) }
