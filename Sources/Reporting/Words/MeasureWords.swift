import Dynamics

/// What the summaries of a curve are called.
enum MeasureWords {
  /// What a measure of a curve of `metric` can be.
  static func range(_ measure: String, of metric: String) -> ClosedRange<Double>? {
    switch measure {
    case "settled_share", "share_0.9", "settling_0.9_share", "settling_0.9", "monotonicity": 0...1
    case "at_0.2", "area", "area_log", "mean", "mean_log", "final": Vocabulary.range(metric)
    case "instability", "increment_sd": 0...(.infinity)
    case "spearman_step": -1...1
    default: nil
    }
  }

  /// A window in a table: the shared ones hold the checkpoints that all runs have.
  static func window(_ window: Window) -> String {
    switch window {
    case .all: "all"
    case .late: "late"
    case .common: "shared"
    case .commonLate: "shared, late"
    }
  }

  /// The same in a sentence: `over all checkpoints`.
  static func over(_ window: Window) -> String {
    switch window {
    case .all: "over all checkpoints"
    case .late: "over the late checkpoints"
    case .common: "over the checkpoints that all runs share"
    case .commonLate: "over the late checkpoints that all runs share"
    }
  }

  static func name(_ measure: String) -> String {
    switch measure {
    case "at_0.2": "CKA at 20\u{202F}%"
    case "settled_share", "share_0.9", "settling_0.9_share": "share settled by 20\u{202F}%"
    case "settling_0.9": "settling at 0.9"
    case "area": "area under the curve"
    case "area_log": "area, log steps"
    case "monotonicity": "monotonicity"
    case "spearman_step": "ρ with the step"
    case "instability": "instability"
    case "increment_sd": "spread of changes"
    case "mean": "mean"
    case "mean_log": "mean, log steps"
    case "final": "final value"
    case "cv": "coefficient of variation"
    case "slope": "slope"
    default: String(measure.map { $0 == "_" ? " " : $0 })
    }
  }
}
