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
  let sequences: Int
  let length: Int
  let seed: UInt64
  /// Whether minibatch CKA is asked for, which needs rows in random order.
  let includesMinibatches: Bool

  /// Fixed groups of sequences for the jackknife.
  private static let groups = 20
  /// Largest matrix that is held as a whole, for what needs rows out of order.
  private static let largestWhole = 256 << 20
  private static let minibatchRows = 512

  func rows(of current: Artifact, against reference: Artifact, lanes: Lanes) throws -> [MeasuredRow]
  {
    try lanes.map(layers) { layer in
      try capture.matrices(layer: layer).flatMap { name in
        try rows(name, current, reference)
      }
    }.flatMap(\.self)
  }

  private func rows(
    _ name: CapturedMatrix, _ current: Artifact, _ reference: Artifact
  ) throws -> [MeasuredRow] {
    let ranges = PositionCapture.ranges(of: name, in: current)
    guard let first = ranges.first, ranges == PositionCapture.ranges(of: name, in: reference) else {
      throw CaptureError.missingSection(path: reference.path, section: name.section)
    }
    func chunk(_ range: Range<Int>, _ artifact: Artifact) throws -> Matrix<Float> {
      try artifact.matrix(PositionCapture.Chunk(matrix: name, sequences: range).section)
    }
    let features = try chunk(first, current).columns
    let groups = min(Self.groups, sequences)
    func groupOf(_ sequence: Int) -> Int { sequence * groups / sequences }
    // Both passes go through the ranges group by group.
    func forEachPiece(
      _ body: (_ x: Matrix<Float>, _ y: Matrix<Float>, _ group: Int) -> Void
    ) throws {
      for range in ranges {
        let (x, y) = (try chunk(range, current), try chunk(range, reference))
        var start = range.lowerBound
        while start < range.upperBound {
          let group = groupOf(start)
          var end = start + 1
          while end < range.upperBound, groupOf(end) == group { end += 1 }
          let rows = (start - range.lowerBound) * length..<(end - range.lowerBound) * length
          body(x.selectingRows(rows), y.selectingRows(rows), group)
          start = end
        }
      }
    }
    var moments = StreamedMoments(features: features, groups: groups)
    var own = StreamedMoments(features: features, groups: groups)
    try forEachPiece { x, y, group in
      moments.add(y, group: group)
      own.add(x, group: group)
    }
    let norms = moments.norms()
    var stream = StreamedCKA(
      features: features, referenceFeatures: features, groups: groups, reference: norms)
    try forEachPiece { x, y, group in stream.add(x, y, group: group) }

    var template = MeasuredRow(
      layer: name.layer, component: name.component.rawValue, object: "activations", metric: "",
      variant: name.variant, rows: "all", value: nil, n: sequences)
    var rows: [MeasuredRow] = []
    for estimator in CKAEstimator.allCases {
      let result = stream.result(estimator)
      template.metric = estimator.rawValue
      var row = template.filled(result.value)
      row.lower = result.lower
      row.upper = result.upper
      rows.append(row)
    }
    let fits = sequences * length * features * 4 <= Self.largestWhole
    rows += try nullRows(template, fits: fits, norms: (own.norms(), norms)) {
      (try whole(name, ranges, current), try whole(name, ranges, reference))
    }
    if includesMinibatches {
      template.metric = "cka_minibatch"
      guard fits else {
        template.gap = "too_large"
        return rows + [template]
      }
      let value = try minibatches(
        whole(name, ranges, current), whole(name, ranges, reference))
      rows.append(template.filled(value))
    }
    return rows
  }

  /// The null floor of re-paired sequences; a gap where a matrix is too large to be held.
  private func nullRows(
    _ template: MeasuredRow, fits: Bool, norms: (StreamedNorms, StreamedNorms),
    _ matrices: () throws -> (Matrix<Float>, Matrix<Float>)
  ) throws -> [MeasuredRow] {
    func row(_ metric: String) -> MeasuredRow {
      var row = template
      row.metric = metric
      return row
    }
    guard fits else {
      return CKAEstimator.allCases.map { estimator in
        var row = row("\(estimator.rawValue)_null_q95")
        row.gap = "too_large"
        return row
      }
    }
    let (x, y) = try matrices()
    let length = self.length
    let floor = try StreamedNull(sequences: sequences, seed: seed).floor(
      norms: norms, lanes: .single,
      x: { x.selectingRows($0 * length..<($0 + 1) * length) },
      y: { y.selectingRows($0 * length..<($0 + 1) * length) })
    return CKAEstimator.allCases.flatMap { estimator -> [MeasuredRow] in
      guard let result = floor[estimator] else { return [] }
      return [
        row("\(estimator.rawValue)_null_mean").filled(result.map(\.mean)),
        row("\(estimator.rawValue)_null_q95").filled(result.map(\.q95)),
      ]
    }
  }

  private func whole(
    _ name: CapturedMatrix, _ ranges: [Range<Int>], _ artifact: Artifact
  ) throws -> Matrix<Float> {
    var elements: [Float] = []
    var columns = 0
    for range in ranges {
      let chunk = try artifact.matrix(
        PositionCapture.Chunk(matrix: name, sequences: range).section)
      columns = chunk.columns
      elements += chunk.elements
    }
    return Matrix(rows: sequences * length, columns: columns, elements: elements)
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
