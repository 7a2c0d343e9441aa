import Capture
import Checkpoints
import LanguageModels

/// How far the matrices of two checkpoints lie apart, kept as an artifact while both are on the disk: the
/// audit then needs no weights.
struct MeasuredMoves {
  typealias Content = (checkpoint: ModelCheckpoint, digests: TensorDigests)

  let store: ArtifactStore

  /// The artifact's inputs: which weights, in the order of the steps.
  static func inputs(_ earlier: TensorDigests, _ later: TensorDigests) -> UnitInputs {
    UnitInputs(.lineage, ["tensors": earlier.all, "later": later.all])
  }

  func isThere(_ earlier: TensorDigests, _ later: TensorDigests) throws -> Bool {
    try store.contains(Self.inputs(earlier, later).key)
  }

  /// Measures the pair by reading both.
  func measure(_ earlier: Content, _ later: Content, name: String) throws {
    let (own, others) = (
      RunAudit.matrices(of: later.checkpoint), RunAudit.matrices(of: earlier.checkpoint)
    )
    var rows: [MeasuredRow] = []
    for (name, tensor) in own.sorted(by: { $0.key < $1.key }) {
      guard let other = others[name],
        earlier.checkpoint.weights.shape(of: other) == later.checkpoint.weights.shape(of: tensor)
      else { continue }
      rows += Self.rows(
        MatrixMoves.Pair(
          try earlier.checkpoint.weights.floats(other), try later.checkpoint.weights.floats(tensor)),
        of: name)
    }
    try store.write(Self.inputs(earlier.digests, later.digests), unit: name) { try $0.add(rows) }
  }

  /// What was measured of pairs among `checkpoints`, by matrix.
  func among(_ checkpoints: [Content]) throws -> [String: MatrixMoves] {
    var moves: [String: MatrixMoves] = [:]
    let pairs = checkpoints.indices.flatMap { later in
      (0..<later).map { (checkpoints[$0], checkpoints[later]) }
    }
    let keys = try store.keys(among: pairs.map { Self.inputs($0.digests, $1.digests).key })
    for (earlier, later) in pairs {
      let key = Self.inputs(earlier.digests, later.digests).key
      guard keys.contains(key), let artifact = try store.artifact(key) else { continue }
      for (name, pair) in Self.pairs(try artifact.rows()) {
        moves[name, default: MatrixMoves()].add(
          pair, earlier.checkpoint.step, later.checkpoint.step)
      }
    }
    return moves
  }

  // MARK: As rows

  /// Metrics of rows that only the audit reads.
  private enum Metric: String, CaseIterable {
    case distance
    case earlierNorm = "earlier_norm"
    case laterNorm = "later_norm"
    case earlierIsConstant = "earlier_is_constant"
    case laterIsConstant = "later_is_constant"
  }

  private static func rows(_ pair: MatrixMoves.Pair, of name: String) -> [MeasuredRow] {
    Metric.allCases.map { metric in
      let value =
        switch metric {
        case .distance: pair.distance
        case .earlierNorm: pair.norms[0]
        case .laterNorm: pair.norms[1]
        case .earlierIsConstant: pair.areConstant[0] ? 1.0 : 0
        case .laterIsConstant: pair.areConstant[1] ? 1.0 : 0
        }
      return MeasuredRow(
        component: name, object: "weights", metric: metric.rawValue, value: value)
    }
  }

  private static func pairs(_ rows: [MeasuredRow]) -> [String: MatrixMoves.Pair] {
    var pairs: [String: MatrixMoves.Pair] = [:]
    for row in rows {
      guard let metric = Metric(rawValue: row.metric), let value = row.value else { continue }
      var pair =
        pairs[row.component]
        ?? MatrixMoves.Pair(distance: .nan, norms: [.nan, .nan], areConstant: [false, false])
      switch metric {
      case .distance: pair.distance = value
      case .earlierNorm: pair.norms[0] = value
      case .laterNorm: pair.norms[1] = value
      case .earlierIsConstant: pair.areConstant[0] = value == 1
      case .laterIsConstant: pair.areConstant[1] = value == 1
      }
      pairs[row.component] = pair
    }
    return pairs
  }
}
