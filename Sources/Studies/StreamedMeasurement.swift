import Capture
import LanguageModels
import LinearAlgebra
import Metrics
import Statistics

/// Linear CKA over every position of a probe, from two captures that are read range by range
/// (METHODS section 3, rows `all`).
struct StreamedMeasurement: Sendable {
  let capture: PositionCapture
  let layers: Int
  let hiddenSize: Int
  let seed: UInt64
  /// Whether minibatch CKA is asked for, which needs rows in random order.
  let includesMinibatches: Bool

  /// Largest matrix that is held as a whole, for what needs rows out of order.
  private static let largestWhole = 256 << 20
  private static let minibatchRows = 512
  /// Bytes at work at once, over all lanes.
  private static let memory = 2 << 30

  func rows(
    of current: CapturedPositions, against reference: CapturedPositions, lanes: Lanes
  ) throws -> [MeasuredRow] {
    let (outer, inner) = self.lanes(lanes, rows: current.sequences * current.length)
    return try outer.map(layers) { layer in
      try capture.matrices(layer: layer).flatMap { name in
        try rows(name, current, reference, lanes: inner)
      }
    }.flatMap(\.self)
  }

  /// Layers side by side, as many as their accumulators fit into memory, and the lanes that are left
  /// inside.
  private func lanes(_ lanes: Lanes, rows: Int) -> (outer: Lanes, inner: Lanes) {
    let square = hiddenSize * hiddenSize
    // A total and an open group in Double and up to 20 groups in Float, for XᵀX and for XᵀY; both
    // sides by sequence.
    let bytes = 2 * (16 + 20 * 4) * square + 2 * min(4 * rows * hiddenSize, Self.largestWhole)
    let outer = max(1, min(lanes.width, layers, Self.memory / bytes))
    return (Lanes(width: outer), Lanes(width: max(1, lanes.width / outer)))
  }

  private func rows(
    _ name: CapturedMatrix, _ current: CapturedPositions, _ reference: CapturedPositions,
    lanes: Lanes
  ) throws -> [MeasuredRow] {
    let ranges = current.ranges(of: name)
    guard ranges == reference.ranges(of: name) else {
      throw CaptureError.missingSection(path: reference.artifact.path, section: name.section)
    }
    let features = try current.features(of: name)
    let norms = try reference.norms(name, lanes: lanes)
    var stream = StreamedCKA(
      features: features, referenceFeatures: features, groups: current.groups, reference: norms)
    for range in ranges {
      let pairs = zip(try current.pieces(name, range), try reference.pieces(name, range))
      for (x, y) in pairs { stream.add(x.rows, y.rows, group: x.group, lanes: lanes) }
    }

    var template = MeasuredRow(
      layer: name.layer, component: name.component.rawValue, object: "activations", metric: "",
      variant: name.variant, rows: "all", value: nil, n: current.sequences)
    var rows: [MeasuredRow] = []
    for estimator in CKAEstimator.allCases {
      let result = stream.result(estimator)
      template.metric = estimator.rawValue
      var row = template.filled(result.value)
      row.lower = result.lower
      row.upper = result.upper
      rows.append(row)
    }
    let fits = current.sequences * current.length * features * 4 <= Self.largestWhole
    let own = stream.norms()
    rows += try nullRows(template, fits: fits) {
      try StreamedNull(sequences: current.sequences, seed: seed).floor(
        norms: (own, norms), lanes: lanes, x: { try current.augmented(name, norms: own) },
        y: { try reference.augmented(name, norms: norms) })
    }
    if includesMinibatches {
      template.metric = "cka_minibatch"
      guard fits else { return rows + [Self.tooLarge(template)] }
      rows.append(
        template.filled(minibatches(try current.whole(name), try reference.whole(name))))
    }
    return rows
  }

  /// The null floor of re-paired sequences; a gap where a matrix is too large to be held.
  private func nullRows(
    _ template: MeasuredRow, fits: Bool,
    _ floor: () throws -> [CKAEstimator: Result<StreamedNull.Floor, Gap>]
  ) throws -> [MeasuredRow] {
    let found = fits ? try floor() : [:]
    return CKAEstimator.allCases.flatMap { estimator in
      [("mean", \StreamedNull.Floor.mean), ("q95", \.q95)].map { suffix, value in
        var row = template
        row.metric = "\(estimator.rawValue)_null_\(suffix)"
        guard let result = found[estimator] else { return Self.tooLarge(row) }
        return row.filled(result.map { $0[keyPath: value] })
      }
    }
  }

  private static func tooLarge(_ row: MeasuredRow) -> MeasuredRow {
    var row = row
    row.gap = "too_large"
    return row
  }

  private func minibatches(_ x: Matrix<Float>, _ y: Matrix<Float>) -> Result<Double, Gap> {
    var generator = SeededGenerator(seed: seed ^ 0x6D69_6E69)
    let order = generator.permutation(of: x.rows)
    var minibatch = MinibatchCKA()
    for start in stride(from: 0, to: order.count, by: Self.minibatchRows) {
      let rows = order[start..<min(order.count, start + Self.minibatchRows)]
      minibatch.add(x.selectingRows(rows), y.selectingRows(rows))
    }
    return Result { () throws(Gap) in try minibatch.value() }
  }
}
