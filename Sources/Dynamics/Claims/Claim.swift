/// The questions of the paper (METHODS, section 7).
package enum ClaimID: String, Sendable, Codable, Hashable, CaseIterable {
  case c1 = "C1"
  case c2 = "C2"
  case c3 = "C3"
  case c4 = "C4"
  case c5 = "C5"
  case c6 = "C6"
  case c7 = "C7"
}

/// What the data say about a claim.
package enum Verdict: String, Sendable, Codable, Hashable, CaseIterable {
  case supported
  case contradicted
  case inconclusive
  case notEnoughData = "not_enough_data"

  /// `Supported` … as a sentence begins.
  package var words: String {
    switch self {
    case .supported: "Supported"
    case .contradicted: "Contradicted"
    case .inconclusive: "Inconclusive"
    case .notEnoughData: "Not enough data"
    }
  }

  /// Of an effect turned so that the claimed side is above 0: the interval lies wholly on one side,
  /// and q ≤ 0.05 where there is one; nil ends decide nothing.
  init(effect: Double, interval: (lower: Double, upper: Double)?, q: Double? = nil) {
    guard let interval else {
      self = .inconclusive
      return
    }
    if interval.lower > 0, q ?? 0 <= 0.05 {
      self = .supported
    } else if interval.upper < 0 {
      self = .contradicted
    } else {
      self = .inconclusive
    }
  }

  /// Of cells that all have to hold: supported if all are, contradicted if none is and one at least
  /// lies wholly on the other side.
  init(of cells: [Verdict]) {
    if cells.isEmpty || cells.contains(.notEnoughData) {
      self = .notEnoughData
    } else if cells.allSatisfy({ $0 == .supported }) {
      self = .supported
    } else if !cells.contains(.supported), cells.contains(.contradicted) {
      self = .contradicted
    } else {
      self = .inconclusive
    }
  }
}

/// A claim on one probe, decided, with its evidence. Every effect is turned so that the claimed side
/// is above 0.
package struct Claim: Sendable, Codable, Equatable {
  package let id: ClaimID
  package let question: String
  package let verdict: Verdict
  package let effect: Double?
  package let lower: Double?
  package let upper: Double?
  package let n: Int
  /// What `n` counts: `sizes`, `runs`, `seeds`, `cells`.
  package let counts: String
  /// The rule that decided, with the estimator where it is not debiased CKA.
  package let rule: String
  /// The id of the figure that shows the evidence.
  package let figure: String
  /// Empty where no single probe is meant.
  package let probe: String
  /// The similarity that decided, or `per`.
  package let estimator: String
  /// `default` or `published_layout`.
  package let layout: String
  /// `last`, `all`, `sample`.
  package let rows: String
  package let evidence: [EvidenceCell]
  package let sensitivity: [SensitivityEntry]
  /// What is missing, where there is not enough data.
  package let needs: [String]
  /// The answer in a sentence with its numbers.
  package let sentence: String
  /// What would change the verdict.
  package let wouldChange: String
  /// When the mechanism behind the claim breaks (METHODS, section 9).
  package let breakCondition: BreakCondition?
  /// Remarks that belong beside the claim: windows, audit, schedule, other ladders.
  package let notes: [String]

  /// Whether chance among the cells explains the contradiction.
  package var isWeak: Bool {
    Self.isWeak(id, verdict, evidence.filter(\.decides))
  }

  /// `cells`: those that decide.
  static func isWeak(_ id: ClaimID, _ verdict: Verdict, _ cells: [EvidenceCell]) -> Bool {
    verdict == .contradicted && id != .c6 && cells.contains { $0.lower != nil }
      && !cells.contains(where: \.contradictsJointly)
  }
}

/// When the mechanism behind a claim breaks, and whether these data break it.
package struct BreakCondition: Sendable, Codable, Equatable {
  package enum Outcome: String, Sendable, Codable {
    case met
    case notMet = "not_met"
    /// The claim that tests it is inconclusive.
    case open
    case untested
  }

  package let mechanism: String
  package let breaksIf: String
  package let outcome: Outcome
  package let sentence: String
}

/// What the verdict would have been under another choice.
package struct SensitivityEntry: Sendable, Codable, Equatable {
  /// The note of an entry that only carries the headline's verdict.
  package static let untouched = "cannot touch the claim"
  /// The note of the similarity that decides the headline itself.
  package static let headline = "decides the headline"

  package let key: String
  package let verdict: Verdict
  package let effect: Double?
  package let lower: Double?
  package let upper: Double?
  /// What the claim counts, behind this effect; 0 where there is none.
  package let n: Int
  /// Empty, or why the entry is what it is: `cannot touch the claim`, `needs …`.
  package let note: String
}
