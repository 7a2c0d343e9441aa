// Weights that lie off the way from the step before to the step after.

extension Trail {
  /// What a step's matrices that are off the way are.
  private struct Stray {
    /// Matrices that are another step's but for rounding, by that step.
    var copies: [Int: [String]] = [:]
    /// Those that are nobody's, with their r.
    var unknown: [String: Double] = [:]
  }

  mutating func followLineage() throws {
    let removal = try removal()
    if let exchange = try exchangeWithAnEnd(strays: removal.steps) {
      noteMisplaced(exchange.end, place: exchange.inner)
      noteMisplaced(exchange.inner, place: exchange.end)
      // Both are out: the rest is looked at as if they had never been there.
      return try followLineage()
    }
    var strays: [Int: Stray] = [:]
    for name in names {
      let distances = self.distances[name]
      for (step, ratios) in removal.ratios.sorted(by: { $0.key < $1.key }) {
        guard let ratio = ratios[name] else { continue }
        // A file in another type, or one made of two, holds the values and not the bytes.
        let source = try line(of: name)
          .filter { $0 != step && removal.ratios[$0]?[name] == nil }
          .filter { try distances.areEqualButForRounding(step, $0) }
          .min { try distances.distance(step, $0) < distances.distance(step, $1) }
        if let source {
          strays[step, default: Stray()].copies[source, default: []].append(name)
        } else {
          strays[step, default: Stray()].unknown[name] = ratio
        }
      }
    }
    let traced = strays.filter { !$0.value.copies.isEmpty }
    for (step, stray) in traced.sorted(by: { $0.key < $1.key }) { noteStray(step, stray) }
    let unknown = strays.filter { $0.value.copies.isEmpty }
    guard !unknown.isEmpty else { return }
    let order = try order(without: Set(traced.keys), strays: unknown.mapValues(\.unknown))
    for (step, stray) in unknown.sorted(by: { $0.key < $1.key }) where order.left.contains(step) {
      noteStray(step, stray)
    }
    for (step, place) in order.places.sorted(by: { $0.key < $1.key }) {
      noteMisplaced(step, place: place)
    }
  }

  /// The steps that are compared in a matrix.
  func line(of name: String) -> [Int] {
    steps.map(\.step).filter { !out.contains($0) && !(foreign[$0]?.contains(name) ?? false) }
  }

  /// What is off the way: by step, r of each of its matrices that is.
  struct Removal {
    var ratios: [Int: [String: Double]] = [:]
    /// Whether a matrix has no way at all through most of the steps.
    var isTangled = false
    var steps: Set<Int> { Set(ratios.keys) }
  }

  /// What is off the way, all matrices taken together.
  ///
  /// - content: whose weights a step is taken to hold, where these are not its own.
  func removal(content: [Int: Int] = [:]) throws -> Removal {
    var removal = Removal()
    for name in names {
      let line = line(of: name)
      guard line.count >= 3 else { continue }
      let check = LineageCheck(distances[name], content: content)
      guard let strays = try check.strays(of: line) else {
        removal.isTangled = true
        for index in line.indices.dropFirst().dropLast()
        where try check.isOff([line[index]], between: line[index - 1], and: line[index + 1]) {
          removal.ratios[line[index], default: [:]][name] = try check.ratio(
            of: [line[index]], between: line[index - 1], and: line[index + 1])
        }
        continue
      }
      let kept = line.filter { !strays.contains($0) }
      for step in strays {
        guard let before = kept.last(where: { $0 < step }),
          let after = kept.first(where: { $0 > step })
        else { continue }
        let stretch = strays.filter { $0 > before && $0 < after }
        removal.ratios[step, default: [:]][name] = try check.ratio(
          of: stretch, between: before, and: after)
      }
    }
    return removal
  }

  private mutating func noteStray(_ step: Int, _ stray: Stray) {
    for (source, copies) in stray.copies.sorted(by: { $0.key < $1.key }) {
      let belongsToFinal = source == final
      if copies.count == names.count {
        note(
          step, .content, belongsToFinal ? .identicalFinal : .identicalStep, other: source,
          "step \(step) holds the weights of \(belongsToFinal ? "the final " : "")step \(source), "
            + "but for rounding")
      } else {
        foreign[step, default: []].formUnion(copies)
        note(
          step, .content, .mixedUpload, other: source,
          "\(copies.count) of \(names.count) matrices of step \(step) are those of step \(source), "
            + "but for rounding, \(Self.first(of: copies))")
      }
    }
    guard let worst = stray.unknown.values.max() else { return }
    let ratio = (worst * 100).rounded() / 100
    note(
      step, .lineage, .brokenLineage, other: nil,
      "step \(step) is not on the way from the step before to the step after: "
        + "\(stray.unknown.count) of \(names.count) matrices, ratio up to \(ratio) "
        + "(above \(LineageCheck.threshold)), \(Self.first(of: stray.unknown.keys.sorted()))")
  }

  private mutating func noteMisplaced(_ step: Int, place: Int) {
    let words =
      "step \(step) is not on the way from the step before to the step after; its weights lie on "
      + "the way where step \(place) stands: the steps are in another order than their names say"
    guard step == final else {
      note(step, .lineage, .brokenLineage, other: place, words)
      return
    }
    // The reference itself cannot be left out; the reader must know.
    out.insert(step)
    findings.append(
      CheckpointFinding(
        step: step, check: .lineage, kind: .brokenLineage, otherStep: place, excluded: false,
        detail: words + "; every similarity to the final step is in doubt"))
  }

  static func first(of names: [String]) -> String {
    names.prefix(2).joined(separator: ", ") + (names.count > 2 ? " …" : "")
  }

  /// The first and the last step have one neighbour only: compared by how far unrelated weights lie.
  mutating func checkEnds() throws {
    let line = steps.map(\.step).filter { !out.contains($0) }
    if line.count >= 2, line[0] == 0, line[1] == 1, try areUnrelated(0, 1) {
      note(
        0, .lineage, .unrelatedInitialisation, other: 1,
        "step 0 is as far from step 1 as an unrelated run's: it is not this run's initialisation")
    }
    if line.count >= 3, line.last == final, try areUnrelated(line[line.count - 2], final) {
      let before = line[line.count - 2]
      // The reference itself cannot be left out; the reader must know.
      findings.append(
        CheckpointFinding(
          step: final, check: .lineage, kind: .unrelatedFinal, otherStep: before, excluded: false,
          detail: "the final step \(final) is as far from step \(before) as an unrelated run's; "
            + "every similarity to it is in doubt"))
    }
  }

  private func areUnrelated(_ a: Int, _ b: Int) throws -> Bool {
    var counted = 0
    for name in names {
      let distances = self.distances[name]
      if try distances.isConstant(a) || distances.isConstant(b) { continue }
      counted += 1
      if try !distances.areUnrelated(a, b) { return false }
    }
    return counted > 0
  }
}
