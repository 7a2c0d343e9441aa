/// Frobenius norms and distances of one matrix over the steps of a run, each computed once.
///
/// Owns the elements of a few steps at a time: as many as a stretch with its neighbours needs, fewer
/// where the matrix is large.
final class MatrixDistances {
  private let read: (Int) throws -> [Float]
  private var loaded: [(step: Int, elements: [Float])] = []
  private var known: MatrixMoves

  /// Bytes of elements that are held, but for two steps, which a distance needs.
  private static let budget = 1 << 30

  /// `known`: what was measured before, of steps that may not be there to be read any more.
  init(known: MatrixMoves = MatrixMoves(), read: @escaping (Int) throws -> [Float]) {
    self.known = known
    self.read = read
  }

  /// Lets the elements go; norms and distances stay.
  func release() { loaded = [] }

  /// ‖W_a − W_b‖, summed in Double.
  func distance(_ a: Int, _ b: Int) throws -> Double {
    let key = [min(a, b), max(a, b)]
    if let known = known.distances[key] { return known }
    let (first, second) = (try elements(key[0]), try elements(key[1]))
    let distance = Self.sum(first, second).squareRoot()
    known.distances[key] = distance
    return distance
  }

  /// ‖W_a‖.
  func norm(_ a: Int) throws -> Double {
    if let known = known.norms[a] { return known }
    let norm = Self.sum(try elements(a), nil).squareRoot()
    known.norms[a] = norm
    return norm
  }

  /// Whether all elements are the same.
  func isConstant(_ a: Int) throws -> Bool {
    if let known = known.constants[a] { return known }
    let isConstant = Self.isConstant(try elements(a))
    known.constants[a] = isConstant
    return isConstant
  }

  static func isConstant(_ elements: [Float]) -> Bool {
    guard let first = elements.first else { return true }
    return elements.allSatisfy { $0 == first }
  }

  /// Whether the weights of `a` and `b` are as far apart as those of unrelated runs, whose distance is
  /// √(‖W_a‖² + ‖W_b‖²) for many independent entries.
  func areUnrelated(_ a: Int, _ b: Int) throws -> Bool {
    let (first, second) = (try norm(a), try norm(b))
    let unrelated = (first * first + second * second).squareRoot()
    return unrelated > 0 ? try distance(a, b) > 0.9 * unrelated : false
  }

  /// Share of its norm within which a matrix may differ by rounding alone: rounding to bfloat16 moves
  /// an element by at most 2⁻⁹ of itself, and either of two may be rounded.
  static let rounding = 1.0 / 256

  /// Whether the weights of `a` are those of `b` but for the rounding to a narrower type.
  func areEqualButForRounding(_ a: Int, _ b: Int) throws -> Bool {
    let (first, second) = (try norm(a), try norm(b))
    // The difference of the norms is never more than the distance: most pairs need not be read for it.
    let slack = 1e-9 * (first + second)
    if abs(first - second) > Self.rounding * second + slack { return false }
    return try distance(a, b) <= Self.rounding * second
  }

  /// Sum of squares of a − b, or of a.
  static func sum(_ a: [Float], _ b: [Float]?) -> Double {
    let count = b.map { min(a.count, $0.count) } ?? a.count
    return a.withUnsafeBufferPointer { a in
      (b ?? []).withUnsafeBufferPointer { subtrahend in
        var lanes = SIMD8<Double>()
        let whole = count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
          var difference = SIMD8<Double>()
          for lane in 0..<8 {
            difference[lane] =
              Double(a[start + lane]) - (b == nil ? 0 : Double(subtrahend[start + lane]))
          }
          lanes += difference * difference
        }
        var sum = lanes.sum()
        for index in whole..<count {
          let difference = Double(a[index]) - (b == nil ? 0 : Double(subtrahend[index]))
          sum += difference * difference
        }
        return sum
      }
    }
  }

  private func elements(_ step: Int) throws -> [Float] {
    if let place = loaded.firstIndex(where: { $0.step == step }) {
      let found = loaded.remove(at: place)
      loaded.append(found)
      return found.elements
    }
    let elements = try read(step)
    let fitting = Self.budget / max(1, 4 * elements.count)
    let most = max(2, min(LineageCheck.longestStretch + 4, fitting))
    while loaded.count >= most { loaded.removeFirst() }
    loaded.append((step, elements))
    return elements
  }
}

/// The distances of all matrices of a run; one matrix holds elements at a time.
final class TrailDistances {
  private let steps: [Int: CheckpointAudit.Step]
  private var measured: [String: MatrixDistances] = [:]
  private var latest: String?

  /// What was measured before, by matrix.
  private let known: [String: MatrixMoves]

  init(_ steps: [CheckpointAudit.Step], known: [String: MatrixMoves] = [:]) {
    self.known = known
    self.steps = Dictionary(steps.map { ($0.step, $0) }, uniquingKeysWith: { first, _ in first })
  }

  subscript(name: String) -> MatrixDistances {
    if let latest, latest != name { measured[latest]?.release() }
    latest = name
    if let known = measured[name] { return known }
    let distances = MatrixDistances(known: known[name] ?? MatrixMoves()) { [steps] step in
      guard let found = steps[step] else { preconditionFailure("no step \(step) in the trail") }
      return try found.read(name)
    }
    measured[name] = distances
    return distances
  }
}
