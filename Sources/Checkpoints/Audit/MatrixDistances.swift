/// Frobenius norms and distances of one matrix over the steps of a run, each computed once.
///
/// Holds at most three steps' elements at a time.
struct MatrixDistances {
  private let read: (Int) throws -> [Float]
  private var loaded: [(step: Int, elements: [Float])] = []
  private var distances: [[Int]: Double] = [:]

  init(read: @escaping (Int) throws -> [Float]) { self.read = read }

  /// ‖W_a − W_b‖, summed in Double.
  mutating func distance(_ a: Int, _ b: Int) throws -> Double {
    let key = [min(a, b), max(a, b)]
    if let known = distances[key] { return known }
    let (first, second) = (try elements(key[0]), try elements(key[1]))
    var sum = 0.0
    first.withUnsafeBufferPointer { first in
      second.withUnsafeBufferPointer { second in
        for index in 0..<min(first.count, second.count) {
          let difference = Double(first[index]) - Double(second[index])
          sum += difference * difference
        }
      }
    }
    let distance = sum.squareRoot()
    distances[key] = distance
    return distance
  }

  /// ‖W_a‖.
  mutating func norm(_ a: Int) throws -> Double {
    try elements(a).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// Whether all elements are the same.
  mutating func isConstant(_ a: Int) throws -> Bool {
    let elements = try elements(a)
    guard let first = elements.first else { return true }
    return elements.allSatisfy { $0 == first }
  }

  /// Whether the weights of `a` and `b` are as far apart as those of unrelated runs, whose distance is
  /// √(‖W_a‖² + ‖W_b‖²) for many independent entries.
  mutating func areUnrelated(_ a: Int, _ b: Int) throws -> Bool {
    let (first, second) = (try norm(a), try norm(b))
    let unrelated = (first * first + second * second).squareRoot()
    return unrelated > 0 ? try distance(a, b) > 0.9 * unrelated : false
  }

  private mutating func elements(_ step: Int) throws -> [Float] {
    if let place = loaded.firstIndex(where: { $0.step == step }) {
      let found = loaded.remove(at: place)
      loaded.append(found)
      return found.elements
    }
    let elements = try read(step)
    if loaded.count >= 3 { loaded.removeFirst() }
    loaded.append((step, elements))
    return elements
  }
}
