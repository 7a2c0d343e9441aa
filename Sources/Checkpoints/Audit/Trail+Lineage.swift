// Weights that lie off the way from the step before to the step after.

extension Trail {
  /// What a step's matrices that are off the way are.
  private struct Stray {
    /// Matrices that are another step's but for rounding, by that step.
    var copies: [Int: [String]] = [:]
    /// Those that are nobody's.
    var unknown: [String] = []
    var ratio = 0.0
  }

  mutating func followLineage() throws {
    var strays: [Int: Stray] = [:]
    for name in names {
      let line = steps.map(\.step).filter {
        !out.contains($0) && !(foreign[$0]?.contains(name) ?? false)
      }
      var distances = self.distances(name)
      let found = try LineageCheck.breaks(steps: line) {
        try distances.distance($0, $1)
      } norm: {
        try distances.norm($0)
      }
      let broken = found.flatMap(\.steps)
      for stretch in found {
        for step in stretch.steps {
          // A file in another type, or one made of two, holds the values and not the bytes.
          let source = try line.filter { $0 != step && !broken.contains($0) }
            .filter { try distances.areEqualButForRounding(step, $0) }
            .min { try distances.distance(step, $0) < distances.distance(step, $1) }
          var stray = strays[step] ?? Stray()
          if let source {
            stray.copies[source, default: []].append(name)
          } else {
            stray.unknown.append(name)
          }
          stray.ratio = max(stray.ratio, stretch.ratio)
          strays[step] = stray
        }
      }
    }
    for (step, stray) in strays.sorted(by: { $0.key < $1.key }) { noteStray(step, stray) }
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
    guard !stray.unknown.isEmpty else { return }
    let ratio = (stray.ratio * 100).rounded() / 100
    note(
      step, .lineage, .brokenLineage, other: nil,
      "step \(step) is not on the way from the step before to the step after: "
        + "\(stray.unknown.count) of \(names.count) matrices, ratio up to \(ratio) "
        + "(above \(LineageCheck.threshold)), \(Self.first(of: stray.unknown))")
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
      var distances = self.distances(name)
      if try distances.isConstant(a) || distances.isConstant(b) { continue }
      counted += 1
      if try !distances.areUnrelated(a, b) { return false }
    }
    return counted > 0
  }
}
