/// The checkpoints that all runs share, matched one to one and in order: by equal step, or by
/// fractions of training at most 0.005 apart. The runs' final checkpoints match each other.
struct CommonGrid {
  static let tolerance = 0.005

  private let runs: [String]
  private let finals: [String: Int]
  /// One list a shared checkpoint: its step in each run of `runs`.
  private let rows: [[Int]]
  /// Whether every checkpoint of every run is shared.
  let coversAll: Bool

  init(grids: [String: [Int]], finals: [String: Int]) {
    // The shortest grid first: what is not in it cannot be shared.
    let runs = grids.keys.sorted { a, b in
      let (m, n) = (grids[a]?.count ?? 0, grids[b]?.count ?? 0)
      return m != n ? m < n : precedes(a, b)
    }
    self.runs = runs
    self.finals = finals
    let lists = runs.map { grids[$0] ?? [] }
    let references = runs.map { finals[$0] ?? 0 }
    var rows = (lists.first ?? []).map { [$0] }
    for index in runs.indices.dropFirst() {
      rows = Self.match(rows, Array(references[..<index]), lists[index], references[index])
    }
    self.rows = rows
    coversAll = lists.allSatisfy { $0.count == rows.count }
  }

  func steps(of run: String) -> [Int] {
    guard let column = runs.firstIndex(of: run) else { return [] }
    return rows.map { $0[column] }
  }

  /// Each run's shared steps with its T.
  var columns: [[(step: Int, final: Int)]] {
    runs.indices.map { column in rows.map { ($0[column], finals[runs[column]] ?? 0) } }
  }

  /// The longest common subsequence of the shared checkpoints and one more run's; among equally
  /// long ones that with most equal steps, then the least sum of |Δu|.
  private static func match(_ rows: [[Int]], _ finals: [Int], _ steps: [Int], _ final: Int)
    -> [[Int]]
  {
    let endsAlike =
      steps.last == final && rows.last.map { zip($0, finals).allSatisfy(==) } == true
    var left = endsAlike ? rows.dropLast() : rows[...]
    var right = endsAlike ? steps.dropLast() : steps[...]
    // Equal steps at the beginning match each other in some longest subsequence: on equal grids
    // nothing is left to search.
    var matched: [[Int]] = []
    while let row = left.first, let step = right.first, row.allSatisfy({ $0 == step }) {
      matched.append(row + [step])
      left = left.dropFirst()
      right = right.dropFirst()
    }
    let isSmall = left.count.multipliedReportingOverflow(by: right.count)
    matched +=
      !isSmall.overflow && isSmall.partialValue <= largestSearch
      ? longest(Array(left), finals, Array(right), final)
      : greedy(Array(left), finals, Array(right), final)
    if endsAlike, let last = rows.last { matched.append(last + [final]) }
    return matched
  }

  /// Beyond so many pairs of checkpoints they are matched greedily, in order.
  private static let largestSearch = 4_000_000

  private static func greedy(_ left: [[Int]], _ finals: [Int], _ right: [Int], _ final: Int)
    -> [[Int]]
  {
    var matched: [[Int]] = []
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      if pairing(left[i], finals, right[j], final) != nil {
        matched.append(left[i] + [right[j]])
        (i, j) = (i + 1, j + 1)
      } else if fraction(left[i].first ?? 0, finals.first ?? 0) < fraction(right[j], final) {
        i += 1
      } else {
        j += 1
      }
    }
    return matched
  }

  private static func longest(_ left: [[Int]], _ finals: [Int], _ right: [Int], _ final: Int)
    -> [[Int]]
  {
    var best = [[Score]](
      repeating: [Score](repeating: Score(), count: right.count + 1), count: left.count + 1)
    for i in left.indices {
      for j in right.indices {
        var score = max(best[i][j + 1], best[i + 1][j])
        if let pair = pairing(left[i], finals, right[j], final) {
          score = max(score, best[i][j] + pair)
        }
        best[i + 1][j + 1] = score
      }
    }
    var matched: [[Int]] = []
    var (i, j) = (left.count, right.count)
    while i > 0, j > 0 {
      if let pair = pairing(left[i - 1], finals, right[j - 1], final),
        best[i][j] == best[i - 1][j - 1] + pair
      {
        matched.append(left[i - 1] + [right[j - 1]])
        (i, j) = (i - 1, j - 1)
      } else if best[i][j] == best[i - 1][j] {
        i -= 1
      } else {
        j -= 1
      }
    }
    return matched.reversed()
  }

  private static func pairing(_ row: [Int], _ finals: [Int], _ step: Int, _ final: Int) -> Score? {
    var score = Score(pairs: 1)
    for (other, reference) in zip(row, finals) {
      let distance = abs(fraction(other, reference) - fraction(step, final))
      guard other == step || distance <= tolerance else { return nil }
      if other == step { score.equal += 1 }
      score.distance += distance
    }
    return score
  }

  private static func fraction(_ step: Int, _ final: Int) -> Double {
    final > 0 ? Double(step) / Double(final) : 0
  }

  private struct Score: Comparable {
    var pairs = 0
    var equal = 0
    var distance = 0.0

    static func + (a: Score, b: Score) -> Score {
      Score(
        pairs: a.pairs + b.pairs, equal: a.equal + b.equal, distance: a.distance + b.distance)
    }

    static func < (a: Score, b: Score) -> Bool {
      if a.pairs != b.pairs { return a.pairs < b.pairs }
      if a.equal != b.equal { return a.equal < b.equal }
      return a.distance > b.distance
    }
  }
}
