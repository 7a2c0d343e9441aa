import Dynamics

/// A claim as a row: what of `claims.json` is no list.
struct ClaimRecord: TableRow {
  let claim: Claim

  static let columns = [
    "id", "probe", "estimator", "layout", "rows", "question", "verdict", "effect", "lower", "upper",
    "n", "counts", "rule", "figure", "sentence", "would_change",
  ]

  var cells: [TableCell] {
    [
      .word(claim.id.rawValue), .name(claim.probe), .word(claim.estimator), .word(claim.layout),
      .word(claim.rows), .word(claim.question), .word(claim.verdict.rawValue),
      .number(claim.effect), .number(claim.lower), .number(claim.upper), .integer(claim.n),
      .word(claim.counts), .word(claim.rule), .word(claim.figure), .name(claim.sentence),
      .name(claim.wouldChange),
    ]
  }
}

/// A cell of the evidence of a claim; the first columns say of which.
struct EvidenceRecord: TableRow {
  let claim: Claim
  let cell: EvidenceCell

  static let columns = [
    "id", "probe", "estimator", "layout", "rows", "component", "object", "measure", "metric",
    "variant", "window", "detail", "decides", "verdict", "effect", "lower", "upper", "q", "n",
  ]

  var cells: [TableCell] {
    [
      .word(claim.id.rawValue), .name(claim.probe), .word(claim.estimator), .word(claim.layout),
      .word(claim.rows), .word(cell.component), .word(cell.object), .word(cell.measure),
      .word(cell.metric), .word(cell.variant), .word(cell.window.rawValue), .name(cell.detail),
      .flag(cell.decides), .word(cell.verdict.rawValue), .number(cell.effect),
      .number(cell.lower), .number(cell.upper), .number(cell.q), .integer(cell.n),
    ]
  }
}

/// What a claim's verdict would have been under another choice.
struct SensitivityRecord: TableRow {
  let claim: Claim
  let entry: SensitivityEntry

  static let columns = [
    "id", "probe", "estimator", "layout", "rows", "variant", "verdict", "effect", "lower", "upper",
    "n", "note",
  ]

  var cells: [TableCell] {
    [
      .word(claim.id.rawValue), .name(claim.probe), .word(claim.estimator), .word(claim.layout),
      .word(claim.rows), .word(entry.key), .word(entry.verdict.rawValue), .number(entry.effect),
      .number(entry.lower), .number(entry.upper), .integer(entry.n), .name(entry.note),
    ]
  }
}
