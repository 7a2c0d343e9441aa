/// The choices under which a claim is decided; the headline's or one of its sensitivities.
struct Lens: Hashable, Sendable {
  var metric: String
  /// The layout or truncation to take where a quantity has it.
  var variant = "default"
  var late = false
  /// Given depth and its square.
  var depthSquared = false
  var nonEmbedding = false
  /// The product of all heads in place of the mean over heads.
  var fullProduct = false
  /// Flagged checkpoints in.
  var keepFlagged = false
  /// u is the share of the run's loss reduction.
  var equalLoss = false
  /// PER divided by that of independent Gaussian factors of the same shape.
  var relativeToExpected = false

  /// The window of trends over sizes.
  var trendWindow: Window { late ? .commonLate : .common }
  /// The window of associations.
  var window: Window { late ? .late : .all }
}

/// A decided claim before its words.
struct Decision: Sendable {
  var verdict: Verdict
  var effect: Double?
  var lower: Double?
  var upper: Double?
  var n = 0
  var cells: [EvidenceCell]
  var needs: [String] = []
  /// Why the verdict is not what the cells alone say, and other remarks.
  var reasons: [String] = []
  /// What belongs beside the claim whatever its verdict.
  var remarks: [String] = []
  /// Whether any quantity stood under the lens's variant.
  var usedVariant = false

  /// Not enough data, because of `cells` or of what `needs` names.
  static func undecided(_ cells: [EvidenceCell], needs: [Need] = []) -> Decision {
    let all = needs + cells.filter(\.decides).flatMap(\.missing)
    return Decision(verdict: .notEnoughData, cells: cells, needs: Need.phrases(all))
  }

  /// Takes effect, interval and n from a cell.
  mutating func head(_ cell: EvidenceCell?) {
    effect = cell?.effect
    lower = cell?.lower
    upper = cell?.upper
    n = cell?.n ?? 0
  }
}
