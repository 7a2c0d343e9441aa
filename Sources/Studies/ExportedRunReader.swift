import Capture
import Checkpoints
import Files
import Tensors

/// Looks at what a run names as `checkpoints:` and is no checkpoints but captures or pickled scores.
struct ExportedRunReader {
  /// A mistake that keeps the study from being started.
  struct Finding: Error {
    let path: String
    let message: String
  }

  let study: Study
  let run: Study.Run
  /// The run's place in study.yaml.
  let path: String
  /// The study's own probes.
  let probes: [Probe]
  private(set) var failures: [FailedUnit] = []
  private(set) var notes: [String] = []

  init(study: Study, run: Study.Run, path: String, probes: [Probe]) {
    self.study = study
    self.run = run
    self.path = path
    self.probes = probes
  }

  /// The exported run in `place`; `nil` where it is none.
  mutating func read(_ place: String) throws -> ExportedRun? {
    if Folder.kind(of: place) == .file { return try readScores(place) }
    guard let folder = try ExportedRunFolder(place, pattern: run.stepPattern) else { return nil }
    try refuseReference()
    return try readSteps(folder, place)
  }

  private func refuseReference() throws {
    guard run.reference == nil else {
      throw Finding(
        path: "\(path).reference",
        message: "a run of captures is compared with its own final step; leave reference out")
    }
  }

  private mutating func readScores(_ place: String) throws -> ExportedRun {
    try refuseReference()
    let scores = try PickledScores(place)
    guard let steps = run.steps else {
      throw Finding(
        path: "\(path).checkpoints",
        message: "\(study.relative(place)) has \(scores.count) values a layer and does not say of "
          + "which steps; name them as steps: [0, 1, …]")
    }
    guard steps.count == scores.count else {
      throw Finding(
        path: "\(path).steps",
        message:
          "\(steps.count) steps for \(scores.count) values a layer in \(study.relative(place))")
    }
    if !scores.leftOut.isEmpty {
      notes.append(
        "\(study.relative(place)): \(scores.leftOut.count) entries are no curve of attention.dense or "
          + "mlp.dense_4h_to_h and are left out, \(Spelling.quoted(scores.leftOut[0])) first")
    }
    return ExportedRun(
      study: run, content: .scores(scores, steps: steps), final: run.final ?? steps[steps.count - 1]
    )
  }

  private mutating func readSteps(
    _ folder: ExportedRunFolder, _ place: String
  ) throws -> ExportedRun {
    let there = folder.steps.map(\.step) + folder.unreadable.map(\.step)
    let wanted = run.steps ?? there.sorted()
    let final = run.final ?? wanted.last ?? 0
    for step in wanted {
      if let broken = folder.unreadable.first(where: { $0.step == step }) {
        fail(step, broken.reason)
      } else if !there.contains(step) {
        fail(step, "\(place): step \(step) not found")
      }
    }
    guard let reference = folder.steps.first(where: { $0.step == final }) else {
      let reason = failures.first { $0.step == final }?.reason ?? "step \(final) not found"
      throw Finding(
        path: "\(path).\(run.final == nil ? "checkpoints" : "final")",
        message: "the final step cannot be read: \(reason)")
    }
    try checkProbes(of: reference)
    var steps: [ExportedStep] = []
    for step in folder.steps where wanted.contains(step.step) {
      if let refusal = Self.refusal(of: step, against: reference) {
        fail(
          step.step,
          "\(step.folder): refused: \(refusal); captures of a run must be of the same rows")
      } else {
        steps.append(named(step))
      }
    }
    if reference.form == .pico, reference.heads == nil {
      notes.append(
        "\(study.relative(place)) has no training_config.yaml that says attention_n_heads: nothing is "
          + "measured by head")
    }
    return ExportedRun(study: run, content: .steps(steps), final: final)
  }

  /// Why `step` cannot be compared with `reference`, in words.
  static func refusal(of step: ExportedStep, against reference: ExportedStep) -> String? {
    if step.heads != reference.heads || step.keyValueHeads != reference.keyValueHeads {
      return "it has \(step.heads ?? 0) heads, step \(reference.step) has \(reference.heads ?? 0)"
    }
    for capture in step.captures {
      guard let other = reference.captures.first(where: { $0.probe == capture.probe }) else {
        return "step \(reference.step) has no capture on probe \(Spelling.quoted(capture.probe))"
      }
      if let mismatch = capture.mismatch(with: other) { return mismatch }
      for (name, matrix) in capture.activations {
        guard let wanted = other.activations[name] else { continue }
        if matrix.columns != wanted.columns {
          return "\(matrix.tensor.name) is \(matrix.tensor.shape), expected \(wanted.tensor.shape)"
        }
      }
    }
    return nil
  }

  /// A capture that says it is of one of the study's probes must be.
  private func checkProbes(of step: ExportedStep) throws {
    for capture in step.captures {
      guard let hash = capture.probeHash,
        let probe = probes.first(where: { $0.name == capture.probe }), probe.digest != hash
      else { continue }
      throw Finding(
        path: "\(path).checkpoints",
        message:
          "\(step.folder) was captured on another probe \(Spelling.quoted(probe.name)): its hash "
          + "is \(hash.prefix(16))…, that of \(study.relative(probe.path)) \(probe.digest.prefix(16))…"
      )
    }
  }

  /// The step with its captures called as the study calls their probes.
  private func named(_ step: ExportedStep) -> ExportedStep {
    ExportedStep(
      step: step.step, folder: step.folder, form: step.form, heads: step.heads,
      keyValueHeads: step.keyValueHeads, weights: step.weights,
      captures: step.captures.map { capture in
        guard let probe = probes.first(where: { $0.digest == capture.probeHash }) else {
          return capture
        }
        var capture = capture
        capture.probe = probe.name
        return capture
      })
  }

  private mutating func fail(_ step: Int, _ reason: String) {
    failures.append(FailedUnit(stage: .capture, run: run.name, step: step, reason: reason))
  }
}

extension StudyRunner {
  /// What is known of the content of exported steps. Reads no data.
  func knownExportedDigests(_ inventory: StudyInventory) -> [CheckpointName: TensorDigests] {
    var digests: [CheckpointName: TensorDigests] = [:]
    for run in inventory.exported {
      guard case .steps(let steps) = run.content else { continue }
      for step in steps {
        guard let known = digestCache.known(step.folder, files: step.files) else { continue }
        digests[CheckpointName(run: run.name, step: step.step)] = TensorDigests(byTensor: known)
      }
    }
    return digests
  }

  /// The digests of an exported step, from the cache or by reading it.
  func hashed(_ step: ExportedStep) throws -> [String: String] {
    let files = step.files
    return try digestCache.digests(of: step.folder, files: files) {
      var digests: [String: String] = [:]
      for file in files {
        for tensor in file.tensors {
          digests[ExportedMeasurement.prefix(of: file) + tensor.name] =
            try file.digest(of: tensor).hex
        }
      }
      return digests
    }
  }
}
