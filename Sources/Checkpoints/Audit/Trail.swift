/// The steps of one run with matrices of the same shapes: their content compared and followed.
struct Trail {
  let steps: [CheckpointAudit.Step]
  let final: Int
  let names: [String]
  /// Whether matrices are compared beyond their content.
  let followsLineage: Bool
  let distances: TrailDistances
  var findings: [CheckpointFinding] = []
  /// Steps that are out: nothing is compared with them any more.
  var out: Set<Int> = []
  /// Matrices of a step that belong to another one.
  var foreign: [Int: Set<String>] = [:]

  init(
    steps: [CheckpointAudit.Step], final: Int, followsLineage: Bool = true,
    known: [String: MatrixMoves] = [:]
  ) {
    self.steps = steps
    self.final = final
    self.followsLineage = followsLineage
    names = (steps.first?.shapes.keys).map { $0.sorted() } ?? []
    distances = TrailDistances(steps, known: known)
  }

  mutating func compare() throws {
    try compareContent()
    guard followsLineage else { return }
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
    if b == final, try belongs(a) {
      noteWrongFinal(a)
    } else if b == final {
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

  /// The final step holds the weights of `step`, which lies where it belongs. The reference itself
  /// cannot be left out; the reader must know.
  private mutating func noteWrongFinal(_ step: Int) {
    out.insert(final)
    findings.append(
      CheckpointFinding(
        step: final, check: .content, kind: .identicalStep, otherStep: step, excluded: false,
        detail:
          "the final step \(final) holds the weights of step \(step), which lie on the way of "
          + "the steps around it; every similarity to the final step is in doubt"))
  }

  /// `step` and those that are neither out nor of the same content.
  private func line(around step: Int) -> [Int] {
    let own = steps.first { $0.step == step }?.digests
    return steps.filter { $0.step == step || !out.contains($0.step) && $0.digests != own }
      .map(\.step)
  }

  /// Whether `step` lies on the way of its neighbours, measured without those of the same content, and
  /// nearer to the one before than the one after does; false where it has none on one side. Late in
  /// training the final weights too may lie on the way, but behind the step after.
  private func belongs(_ step: Int) throws -> Bool {
    guard followsLineage else { return false }
    let line = line(around: step)
    guard let place = line.firstIndex(of: step), place > 0, place + 1 < line.count else {
      return false
    }
    let (before, after) = (line[place - 1], line[place + 1])
    var ahead = 0.0
    for name in names {
      let distances = self.distances[name]
      let ratio = try LineageCheck(distances).ratio(of: [step], between: before, and: after)
      if ratio > LineageCheck.threshold { return false }
      let norm = try distances.norm(before)
      guard norm > 0 else { continue }
      ahead += try (distances.distance(before, after) - distances.distance(before, step)) / norm
    }
    return ahead > 0
  }

  private mutating func noteMixture(_ a: Int, _ b: Int, _ shared: [String]) throws {
    guard !out.contains(a), !out.contains(b) else { return }
    let wrong = b == final ? a : try lessLikely(a, b, shared)
    let other = wrong == a ? b : a
    foreign[wrong, default: []].formUnion(shared)
    note(
      wrong, .content, .mixedUpload, other: other,
      "\(shared.count) of \(names.count) matrices of step \(wrong) are those of step \(other), "
        + Self.first(of: shared))
  }

  /// Which of two steps with the same content is not the one that it says: the one off the way from
  /// its neighbours, measured without the other; the earlier one where no way is followed.
  private func lessLikely(_ a: Int, _ b: Int, _ names: [String]) throws -> Int {
    guard followsLineage else { return a }
    func deviation(_ step: Int, without other: Int) throws -> Double {
      let line = steps.map(\.step).filter { $0 != other && !out.contains($0) }
      guard let place = line.firstIndex(of: step), place > 0, place + 1 < line.count else {
        return 1
      }
      var total = 0.0
      for name in names {
        total += min(
          1e6,
          try LineageCheck(distances[name])
            .ratio(of: [step], between: line[place - 1], and: line[place + 1]))
      }
      return total / Double(max(names.count, 1))
    }
    return try deviation(a, without: b) >= deviation(b, without: a) ? a : b
  }

  // MARK: Reading

  mutating func note(
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

  private func isConstant(_ step: CheckpointAudit.Step, _ name: String) throws -> Bool {
    try distances[name].isConstant(step.step)
  }

  /// Matrices of a step that are not constant.
  private func countedNames(_ step: CheckpointAudit.Step) throws -> Int {
    try names.count { try !isConstant(step, $0) }
  }
}
