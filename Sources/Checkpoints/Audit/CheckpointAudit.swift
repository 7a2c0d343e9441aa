/// Are a run's checkpoints what their names say? (METHODS section 8)
///
/// Compares the content of all steps, follows each matrix through training, and looks for steps that
/// are not there. Knows no architecture: the caller names the matrices.
package struct CheckpointAudit {
  /// A step as the audit sees it.
  package struct Step {
    package let step: Int
    /// Content of every analysed matrix as a hash, by name.
    package let digests: [String: String]
    /// Shape of every analysed matrix, by name.
    package let shapes: [String: [Int]]
    /// The elements of a matrix.
    package let read: (String) throws -> [Float]

    package init(
      step: Int, digests: [String: String], shapes: [String: [Int]],
      read: @escaping (String) throws -> [Float]
    ) {
      self.step = step
      self.digests = digests
      self.shapes = shapes
      self.read = read
    }
  }

  private let steps: [Step]
  private let final: Int
  private let named: [Int]
  private let others: [Int]
  private let alsoThere: [Int]
  private let followsLineage: Bool
  private let known: [String: MatrixMoves]

  /// Steps on either side of one whose distances to it the audit asks for where nothing is wrong.
  package static let reach = LineageCheck.longestStretch + 1

  /// - steps: the run's readable checkpoints.
  /// - final: the reference.
  /// - named: the steps that the study lists.
  /// - others: the steps that other runs of the group have.
  /// - alsoThere: steps that are there and cannot be looked at; they are not missing.
  /// - followsLineage: whether the matrices are weights, which move little by little.
  /// - known: what was measured of matrices before, by name.
  package init(
    steps: [Step], final: Int, named: [Int] = [], others: [Int] = [], alsoThere: [Int] = [],
    followsLineage: Bool = true, known: [String: MatrixMoves] = [:]
  ) {
    self.steps = steps.sorted { $0.step < $1.step }
    self.final = final
    self.named = named
    self.others = others
    self.alsoThere = alsoThere
    self.followsLineage = followsLineage
    self.known = known
  }

  /// All findings, by step. Throws what reading a matrix throws.
  package func findings() throws -> [CheckpointFinding] {
    var findings = StepGrid.missing(
      present: Set(steps.map(\.step) + alsoThere).sorted(), named: named, others: others
    ).map { missing in
      CheckpointFinding(
        step: missing.step, check: .missing, kind: .missingStep, excluded: false,
        detail: "step \(missing.step) is not there; \(missing.reason)")
    }
    let alike = shapeFindings(&findings)
    var trail = Trail(
      steps: alike, final: final, followsLineage: followsLineage, known: known)
    try trail.compare()
    return (findings + trail.findings).sorted {
      ($0.step, $0.check.rawValue, $0.otherStep ?? -1) < (
        $1.step, $1.check.rawValue, $1.otherStep ?? -1
      )
    }
  }

  /// The steps whose matrices have the shapes of the final step's; the rest is noted.
  private func shapeFindings(_ findings: inout [CheckpointFinding]) -> [Step] {
    guard let reference = steps.first(where: { $0.step == final }) else { return steps }
    return steps.filter { step in
      guard step.shapes != reference.shapes else { return true }
      let name = Set(step.shapes.keys).union(reference.shapes.keys).sorted()
        .first { step.shapes[$0] != reference.shapes[$0] }
      let shapes = name.map { name in
        "\(name) is \(step.shapes[name].map { "\($0)" } ?? "not there"), at step \(final) "
          + (reference.shapes[name].map { "\($0)" } ?? "not there")
      }
      findings.append(
        CheckpointFinding(
          step: step.step, check: .shape, kind: .otherShape, otherStep: final, excluded: true,
          detail: "step \(step.step) holds a model of another shape than step \(final)"
            + (shapes.map { ": \($0)" } ?? "")))
      return false
    }
  }
}
