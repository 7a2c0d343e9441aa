// Steps whose weights lie on the way, at another place than their own: exchanged or moved ones.

extension Trail {
  /// What became of the steps that are off the way.
  struct Order {
    /// Steps whose weights belong where another step stands, with that one.
    var places: [Int: Int] = [:]
    /// Steps whose weights belong nowhere.
    var left: Set<Int> = []
  }

  /// Looks for a place on the way for every step that is off it.
  ///
  /// - traced: steps whose content is another's: they have no place of their own.
  /// - strays: the others that are off the way, with the r of each matrix.
  func order(without traced: Set<Int>, strays: [Int: [String: Double]]) throws -> Order {
    let line = steps.map(\.step).filter {
      !out.contains($0) && foreign[$0] == nil && !traced.contains($0)
    }
    let off = Set(strays.keys).intersection(line)
    var order = Order(left: Set(strays.keys).subtracting(line))
    let removed = off.sorted()
    var sequence = line.filter { !off.contains($0) }
    for step in removed {
      let ratios = strays[step] ?? [:]
      let names = names.sorted { (ratios[$0] ?? 0, $0) > (ratios[$1] ?? 0, $1) }
      if let index = try place(of: step, in: sequence, slots: removed, names) {
        sequence.insert(step, at: index)
      } else {
        order.left.insert(step)
      }
    }
    for (step, place) in zip(try settled(sequence), sequence.sorted()) where step != place {
      order.places[step] = place
    }
    return order
  }

  /// The first and the last step are taken as they are while the way is looked for. If one of them
  /// changed places with an inner step, that one lies nearer to the end than what stands there, and
  /// with both put back fewer steps are off the way.
  func exchangeWithAnEnd(strays: Set<Int>) throws -> (end: Int, inner: Int)? {
    let line = steps.map(\.step).filter { !out.contains($0) && foreign[$0] == nil }
    guard !strays.isEmpty, line.count >= 5, let first = line.first, let last = line.last else {
      return nil
    }
    var best: (end: Int, inner: Int, rest: Set<Int>)?
    for (end, beside, next) in [
      (first, line[1], line[2]), (last, line[line.count - 2], line[line.count - 3]),
    ] {
      for inner in line.dropFirst().dropLast() {
        let isNearer = try names.allSatisfy { name in
          let distances = self.distances[name]
          return inner == beside
            ? try distances.distance(inner, end)
              <= LineageCheck.threshold * distances.distance(end, next)
            : try distances.distance(inner, beside) * LineageCheck.threshold
              < distances.distance(end, beside)
        }
        guard isNearer else { continue }
        let content = [end: inner, inner: end]
        let removal = try removal(content: content)
        guard !removal.isTangled, !removal.steps.contains(inner),
          removal.steps.isStrictSubset(of: strays)
        else { continue }
        if best.map({ removal.steps.count < $0.rest.count }) ?? true {
          best = (end, inner, removal.steps)
        }
      }
    }
    return best.map { ($0.end, $0.inner) }
  }

  /// Where in `sequence` the weights of `step` lie on the way in every matrix, with the smallest detour;
  /// a place from which a step was taken (`slots`) comes before any other.
  private func place(
    of step: Int, in sequence: [Int], slots: [Int], _ names: [String]
  ) throws -> Int? {
    var best: (isSlot: Bool, detour: Double, index: Int)?
    let kept = sequence.map { slots.contains($0) ? nil : $0 }
    for index in sequence.indices.dropFirst() {
      let before = kept[..<index].last { $0 != nil } ?? nil
      let after = kept[index...].first { $0 != nil } ?? nil
      let isSlot = slots.contains { $0 > before ?? .min && $0 < after ?? .max }
      if let best, best.isSlot, !isSlot { continue }
      guard
        let detour = try detour(
          over: step, between: sequence[index - 1], and: sequence[index], names)
      else { continue }
      if let best, best.isSlot == isSlot, best.detour <= detour { continue }
      best = (isSlot, detour, index)
    }
    return best?.index
  }

  /// How much longer the way becomes over `step`, as a share of the norm and summed over the matrices;
  /// `nil` where one of them is not on the way there.
  private func detour(
    over step: Int, between before: Int, and after: Int, _ names: [String]
  ) throws -> Double? {
    var detour = 0.0
    for name in names {
      let check = LineageCheck(distances[name])
      if try check.isOff([step], between: before, and: after) { return nil }
      let norm = try check.norm(before)
      guard norm > 0 else { continue }
      detour +=
        try
        (check.distance(before, step) + check.distance(step, after)
        - check.distance(before, after)) / norm
    }
    return detour
  }

  /// `sequence` with steps back in their own places where they hold the same as what was put there,
  /// within the rounding of the stored type.
  private func settled(_ sequence: [Int]) throws -> [Int] {
    var sequence = sequence
    let places = sequence.sorted()
    for (index, own) in places.enumerated() where sequence[index] != own {
      guard let other = sequence.firstIndex(of: own) else { continue }
      let areEqual = try names.allSatisfy { name in
        try distances[name].areEqualButForRounding(sequence[index], own)
      }
      if areEqual { sequence.swapAt(index, other) }
    }
    return sequence
  }
}
