/// The steps of one run with matrices of the same shapes: their content compared and followed.
struct Trail {
  private let steps: [CheckpointAudit.Step]
  private let final: Int
  private let names: [String]
  private(set) var findings: [CheckpointFinding] = []
  /// Steps that are out: nothing is compared with them any more.
  private var out: Set<Int> = []
  /// Matrices of a step that belong to another one.
  private var foreign: [Int: Set<String>] = [:]

  init(steps: [CheckpointAudit.Step], final: Int) {
    self.steps = steps
    self.final = final
    names = (steps.first?.shapes.keys).map { $0.sorted() } ?? []
  }

  mutating func compare() throws {
    try compareContent()
    try followLineage()
    try checkEnds()
  }

  // MARK: Content

  /// Pairs of steps that share matrices by content; constant matrices do not count.
  ///
  /// Whole steps come before mixtures, and the final step before others, so that a mixture is never
  /// traced to a step that is a copy itself.
  private mutating func compareContent() throws {
    var mixtures: [(earlier: Int, later: Int, names: [String])] = []
    for later in steps.indices.reversed() {
      for earlier in steps.indices where earlier < later {
        let (a, b) = (steps[earlier], steps[later])
        var shared: [String] = []
        for name in names where a.digests[name] != nil && a.digests[name] == b.digests[name] {
          if try !isConstant(a, name) { shared.append(name) }
        }
        guard !shared.isEmpty else { continue }
        if shared.count == (try countedNames(a)) {
          try noteIdentity(earlier: earlier, later: later)
        } else {
          mixtures.append((earlier, later, shared))
        }
      }
    }
    for mixture in mixtures {
      try noteMixture(steps[mixture.earlier].step, steps[mixture.later].step, mixture.names)
    }
  }

  private mutating func noteIdentity(earlier: Int, later: Int) throws {
    let (a, b) = (steps[earlier].step, steps[later].step)
    // Identity with a step that is out already says nothing new.
    guard !out.contains(a), !out.contains(b) else { return }
    if b == final {
      note(
        a, .content, .identicalFinal, other: b,
        "step \(a) holds the weights of the final step \(b)")
    } else if later == earlier + 1 {
      note(
        b, .content, .identicalNeighbour, other: a,
        "step \(b) holds the weights of step \(a), the one before")
    } else {
      let wrong = try lessLikely(a, b, names)
      let other = wrong == a ? b : a
      note(
        wrong, .content, .identicalStep, other: other,
        "step \(wrong) holds the weights of step \(other)")
    }
  }

  private mutating func noteMixture(_ a: Int, _ b: Int, _ shared: [String]) throws {
    guard !out.contains(a), !out.contains(b) else { return }
    let wrong = b == final ? a : try lessLikely(a, b, shared)
    let other = wrong == a ? b : a
    foreign[wrong, default: []].formUnion(shared)
    note(
      wrong, .content, .mixedUpload, other: other,
      "\(shared.count) of \(names.count) matrices of step \(wrong) are those of step \(other), "
        + "\(shared.prefix(2).joined(separator: ", "))\(shared.count > 2 ? " …" : "")")
  }

  /// Which of two steps with the same content is not the one that it says: the one off the way from
  /// its neighbours, measured without the other.
  private func lessLikely(_ a: Int, _ b: Int, _ names: [String]) throws -> Int {
    func deviation(_ step: Int, without other: Int) throws -> Double {
      let line = steps.map(\.step).filter { $0 != other && !out.contains($0) }
      guard let place = line.firstIndex(of: step), place > 0, place + 1 < line.count else {
        return 1
      }
      var total = 0.0
      for name in names {
        var distances = self.distances(name)
        total += min(
          1e6,
          try LineageCheck.ratio(line[place - 1], step, line[place + 1]) {
            try distances.distance($0, $1)
          })
      }
      return total / Double(max(names.count, 1))
    }
    return try deviation(a, without: b) >= deviation(b, without: a) ? a : b
  }

  // MARK: Lineage

  private mutating func followLineage() throws {
    var breaks: [Int: (names: [String], ratio: Double)] = [:]
    for name in names {
      let line = steps.map(\.step).filter {
        !out.contains($0) && !(foreign[$0]?.contains(name) ?? false)
      }
      var distances = self.distances(name)
      let found = try LineageCheck.breaks(steps: line) { try distances.distance($0, $1) }
      for broken in found {
        var entry = breaks[broken.step] ?? ([], 0)
        entry.names.append(name)
        entry.ratio = max(entry.ratio, broken.ratio)
        breaks[broken.step] = entry
      }
    }
    for (step, entry) in breaks.sorted(by: { $0.key < $1.key }) {
      let ratio = (entry.ratio * 100).rounded() / 100
      note(
        step, .lineage, .brokenLineage, other: nil,
        "step \(step) is not on the way from the step before to the step after: "
          + "\(entry.names.count) of \(names.count) matrices, ratio up to \(ratio) "
          + "(above \(LineageCheck.threshold)), \(entry.names.prefix(2).joined(separator: ", "))"
          + (entry.names.count > 2 ? " …" : ""))
    }
  }

  /// The first and the last step have one neighbour only: compared by how far unrelated weights lie.
  private mutating func checkEnds() throws {
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

  // MARK: Reading

  private mutating func note(
    _ step: Int, _ check: CheckpointFinding.Check, _ kind: CheckpointFinding.Kind, other: Int?,
    _ detail: String
  ) {
    // One step may be mixed of several others: each is said. A step that is out for one reason is not
    // out for a second.
    if kind != .mixedUpload, out.contains(step) { return }
    if kind != .mixedUpload || foreign[step]?.count == names.count { out.insert(step) }
    findings.append(
      CheckpointFinding(
        step: step, check: check, kind: kind, otherStep: other, excluded: true, detail: detail))
  }

  private func distances(_ name: String) -> MatrixDistances {
    MatrixDistances { step in
      guard let found = steps.first(where: { $0.step == step }) else {
        preconditionFailure("no step \(step) in the trail")
      }
      return try found.read(name)
    }
  }

  private func isConstant(_ step: CheckpointAudit.Step, _ name: String) throws -> Bool {
    let elements = try step.read(name)
    guard let first = elements.first else { return true }
    return elements.allSatisfy { $0 == first }
  }

  /// Matrices of a step that are not constant.
  private func countedNames(_ step: CheckpointAudit.Step) throws -> Int {
    try names.count { try !isConstant(step, $0) }
  }
}
