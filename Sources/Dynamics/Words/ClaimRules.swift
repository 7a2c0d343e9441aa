/// The questions and rules of METHODS section 7, in words.
extension ClaimID {
  package var question: String {
    switch self {
    case .c1: "Do larger models stabilise earlier?"
    case .c2: "Do larger models stabilise more monotonically?"
    case .c3: "Does convergence go with the effective rank of parameters and gradients?"
    case .c4: "Do earlier layers converge before later ones?"
    case .c5: "Is the proportional effective rank lower in smaller models?"
    case .c6: "Does raising the rank speed convergence?"
    case .c7: "Do the answers hold on other data and for other measures?"
    }
  }

  /// What `n` counts.
  var counts: String {
    switch self {
    case .c1, .c2, .c5: "sizes"
    case .c3, .c4: "runs"
    case .c6: "seeds"
    case .c7: "cells"
    }
  }

  /// The rule that decides, under the estimators that the table has.
  func rule(estimators: [String]) -> String {
    let names = Wording.list(estimators.map(Wording.metric))
    let head = Wording.metric(estimators.first ?? "")
    let share = Wording.percent(Measure.fraction)
    let nearly = Wording.percent(SizeClaims.nearlyAll)
    switch self {
    case .c1:
      let agreement =
        estimators.count > 1
        ? "for \(names) alike; inconclusive where the two disagree or"
        : "for \(head) (the table has one estimator, so the clause of agreement falls away); "
          + "inconclusive where"
      return "Supported if the slopes over log₁₀ parameters of the share of layers with "
        + "settling(0.9) ≤ 0.2 and of the median CKA at \(share) of training lie wholly above 0 "
        + "(95 % t interval over sizes), for MLP and OV, \(agreement) fewer than \(nearly) of the "
        + "largest size's layers have settled; contradicted if none lies above 0 and one lies "
        + "wholly below."
    case .c2:
      return "Supported if over log₁₀ parameters the median monotonicity rises and the median "
        + "instability falls, each slope wholly on its side of 0 (95 % t interval over sizes), for "
        + "MLP and OV, on \(head) over the checkpoints that all runs share; contradicted if none "
        + "does and one lies wholly on the other side. The late window stands beside it."
    case .c3:
      return "Supported if, within run and given depth, Spearman's ρ of area (\(head)) with PER "
        + "lies wholly above 0 with q ≤ .05 for MLP or OV, both for weights and for gradients, "
        + "no cell lies wholly below 0, and depth² leaves the sign (Hartung–Knapp over runs); "
        + "contradicted if no cell is supported and one lies wholly below 0."
    case .c4:
      return "Supported if, within run, Spearman's ρ of settling(0.9) (\(head)) with the layer's "
        + "depth lies wholly above 0 with q ≤ .05 for MLP and OV (Hartung–Knapp over runs); "
        + "contradicted if neither does and one lies wholly below 0."
    case .c5:
      return "Supported if over log₁₀ parameters the median over layers of PER (mean over "
        + "training) rises, each slope wholly above 0 (95 % t interval over sizes), for weights "
        + "and gradients of MLP and OV; contradicted if none does and one lies wholly below 0. A mean "
        + "over training needs PER at \(Measure.fewestCheckpoints) checkpoints or more, as an area "
        + "under a similarity curve does."
    case .c6:
      return "Supported if in every arm that raises PER of weights the median area (\(head)) is "
        + "larger and the median settling(0.9) earlier than in the baseline run of the same seed "
        + "(95 % t interval over at least \(PairedDifferences.fewestSeeds) seeds), for MLP and OV, "
        + "at equal step and at equal share of the loss reduction, and no arm that does not raise "
        + "PER speeds either on both grounds; contradicted if none of these cells does and one lies "
        + "wholly below 0. An arm raises PER if the difference, mean of MLP and OV, lies wholly "
        + "above 0 at equal step and at equal loss. A layer that never settles counts as u = 1; "
        + "settling decides nothing where no run differs from its baseline on these checkpoints. At "
        + "equal loss areas are taken over the shares that both runs have measured, and settling is "
        + "where the curve crosses 0.9, linear between checkpoints."
    case .c7:
      return "Supported if every other probe and similarity gives each of C1 to C4 the verdict "
        + "that the first probe gives it with \(head), and one of these is decided; contradicted "
        + "if fewer than half do. Needs "
        + "2 probes and 2 similarities with a verdict. No interval: the cells share their runs."
    }
  }

  /// The mechanism of the paper behind the claim and when it breaks (METHODS, section 9).
  var mechanism: (text: String, breaksIf: String)? {
    switch self {
    case .c3:
      (
        "Layers with a higher PER converge faster and more monotonically.",
        "raising PER by an intervention does not speed convergence: then the relation is "
          + "correlational (C6)"
      )
    case .c4:
      (
        "Early layers stabilise first, later ones build on them.",
        "later layers converge faster in some architecture or regime"
      )
    case .c1, .c2, .c5, .c6:
      (
        "Small models have a lower PER in parameters and gradients, hence slower, less stable "
          + "convergence.",
        "interventions on PER do not improve convergence"
      )
    case .c7: nil
    }
  }
}
