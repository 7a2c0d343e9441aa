import Capture
import LinearAlgebra
import Metrics
import Synchronization

/// One capture of every position of a probe, read range by range.
///
/// Of the final checkpoint's, `norms` and `rows by sequence` are made once for a run and serve all of
/// its checkpoints, within a budget of memory.
final class CapturedPositions: Sendable {
  let artifact: Artifact
  let sequences: Int
  /// Tokens of a sequence.
  let length: Int
  /// Whether what was computed is kept for the next comparison.
  private let keeps: Bool
  private let kept = Mutex(Kept())

  private struct Kept {
    var norms: [CapturedMatrix: StreamedNorms] = [:]
    var sides: [CapturedMatrix: AugmentedSequences] = [:]
    var bytes = 0
  }

  /// Bytes of rows that are kept at most.
  private static let budget = 1 << 30
  /// Fixed groups of sequences for the jackknife (METHODS section 3).
  private static let groups = 20

  init(_ artifact: Artifact, sequences: Int, length: Int, keeps: Bool) {
    self.artifact = artifact
    self.sequences = sequences
    self.length = length
    self.keeps = keeps
  }

  var groups: Int { min(Self.groups, sequences) }

  /// Rows that lie together in one stored range and belong to one group.
  struct Piece {
    let group: Int
    let rows: Matrix<Float>
  }

  func ranges(of name: CapturedMatrix) -> [Range<Int>] {
    PositionCapture.ranges(of: name, in: artifact)
  }

  /// The number of features.
  func features(of name: CapturedMatrix) throws -> Int {
    guard let first = ranges(of: name).first else {
      throw CaptureError.missingSection(path: artifact.path, section: name.section)
    }
    return try chunk(name, first).columns
  }

  /// The rows of one stored range of sequences.
  func chunk(_ name: CapturedMatrix, _ range: Range<Int>) throws -> Matrix<Float> {
    try artifact.matrix(PositionCapture.Chunk(matrix: name, sequences: range).section)
  }

  /// The rows of `range`, cut where the group changes.
  func pieces(_ name: CapturedMatrix, _ range: Range<Int>) throws -> [Piece] {
    let rows = try chunk(name, range)
    func group(_ sequence: Int) -> Int { sequence * groups / sequences }
    var pieces: [Piece] = []
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start + 1
      while end < range.upperBound, group(end) == group(start) { end += 1 }
      let part = (start - range.lowerBound) * length..<(end - range.lowerBound) * length
      pieces.append(Piece(group: group(start), rows: rows.selectingRows(part)))
      start = end
    }
    return pieces
  }

  /// HSIC of the matrix with itself, over all rows and without each group.
  func norms(_ name: CapturedMatrix, lanes: Lanes) throws -> StreamedNorms {
    if let known = kept.withLock({ $0.norms[name] }) { return known }
    var moments = StreamedMoments(features: try features(of: name), groups: groups)
    for range in ranges(of: name) {
      for piece in try pieces(name, range) {
        moments.add(piece.rows, group: piece.group, lanes: lanes)
      }
    }
    let norms = moments.norms()
    if keeps { kept.withLock { $0.norms[name] = norms } }
    return norms
  }

  /// All rows by sequence, for the null floor.
  func augmented(_ name: CapturedMatrix, norms: StreamedNorms) throws -> AugmentedSequences {
    if let known = kept.withLock({ $0.sides[name] }) { return known }
    var current: (range: Range<Int>, rows: Matrix<Float>)?
    let ranges = ranges(of: name)
    let side = try AugmentedSequences(sequences, norms: norms) { sequence in
      if current?.range.contains(sequence) != true {
        guard let range = ranges.first(where: { $0.contains(sequence) }) else {
          throw CaptureError.missingSection(path: artifact.path, section: name.section)
        }
        current = (range, try chunk(name, range))
      }
      guard let (range, rows) = current else { preconditionFailure("no rows of \(sequence)") }
      let first = (sequence - range.lowerBound) * length
      return rows.selectingRows(first..<first + length)
    }
    guard keeps else { return side }
    let bytes = 4 * sequences * length * (try features(of: name) + 1)
    kept.withLock { kept in
      guard kept.bytes + bytes <= Self.budget else { return }
      kept.bytes += bytes
      kept.sides[name] = side
    }
    return side
  }

  /// All rows at once.
  func whole(_ name: CapturedMatrix) throws -> Matrix<Float> {
    var elements: [Float] = []
    var columns = 0
    for range in ranges(of: name) {
      let rows = try chunk(name, range)
      columns = rows.columns
      elements += rows.elements
    }
    return Matrix(rows: sequences * length, columns: columns, elements: elements)
  }
}
