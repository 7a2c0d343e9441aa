import Capture
import Checkpoints
import Foundation
import LanguageModels
import Publishing
import Tensors

/// Looks at everything that a study names before anything is started, and finds every mistake in
/// one go.
struct StudyInspector {
  private let study: Study
  private let environment: [String: String]
  /// How many checkpoints are opened at once.
  private let lanes: Int
  private var findings: [StudyFinding] = []
  private var inventory = StudyInventory()

  /// What lies there; every mistake as `StudyError.invalid`.
  static func inspect(
    _ study: Study, shownAs file: String,
    environment: [String: String] = ProcessInfo.processInfo.environment, lanes: Int = 1
  ) throws -> StudyInventory {
    var inspector = StudyInspector(study: study, environment: environment, lanes: lanes)
    inspector.inspect()
    guard inspector.findings.isEmpty else {
      throw StudyError.invalid(
        file: file,
        inspector.findings.sorted {
          ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0)
        })
    }
    return inspector.inventory
  }

  /// What is wrong on disk with a study whose file has mistakes as well: what the files say that it
  /// names, not what follows from keys that could not be read.
  static func findings(inPartOf study: Study) -> [StudyFinding] {
    var inspector = StudyInspector(
      study: study, environment: ProcessInfo.processInfo.environment, lanes: 1)
    inspector.inspect()
    let files = [".checkpoints", ".tokens", ".final", ".batches", ".text", ".indexed"]
    return inspector.findings.filter { finding in
      guard finding.line != nil else { return true }
      let path = finding.message.prefix { $0 != ":" }
      return files.contains { path.hasSuffix($0) }
    }
  }

  private init(study: Study, environment: [String: String], lanes: Int) {
    self.study = study
    self.environment = environment
    self.lanes = lanes
  }

  private mutating func inspect() {
    findings += OutputFolders(study).findings
    readProbes()
    for index in study.runs.indices { readRun(index) }
    chooseObjects()
    readGradientBatches()
    checkReferences()
    checkTokens()
  }

  private mutating func note(_ path: String, _ message: String) {
    findings.append(study.finding(at: path, message))
  }

  /// Without a probe there are weights only: a note where the study leaves the choice open, a
  /// mistake where it names activations.
  private mutating func chooseObjects() {
    inventory.objects = study.measure.objects
    // What was exported comes with its probe.
    guard study.probes.isEmpty, !inventory.runs.isEmpty else { return }
    var needs = inventory.objects.filter { $0 == .activations }
    if study.measure.gradients == .probe { needs += inventory.objects.filter { $0 == .gradients } }
    guard !needs.isEmpty else { return }
    let words = needs.map(\.rawValue).joined(separator: " and ")
    guard study.namesObjects else {
      inventory.objects.removeAll(where: needs.contains)
      inventory.notes.append("no probe is named: \(words) are left out, weights are measured")
      return
    }
    note(
      "measure.objects",
      "\(words) need a probe; add `probes: [{name: a, tokens: FILE.npy}]`, or measure weights alone"
    )
  }

  private mutating func readProbes() {
    for (index, probe) in study.probes.enumerated() where !probe.name.isEmpty {
      do {
        let read = try Probe(name: probe.name, source: probe.source)
        inventory.notes += read.notes.map { "probe \(probe.name): \($0)" }
        inventory.probes.append(read)
      } catch {
        note("probes[\(index)].\(probe.source.key)", "\(error)")
      }
    }
  }

  private mutating func readGradientBatches() {
    guard inventory.objects.contains(.gradients) else { return }
    switch study.measure.gradients {
    case .probe: return
    case .file(let path):
      do {
        inventory.gradientBatches = try GradientBatches(path: path)
      } catch {
        note("measure.gradients.batches", "\(error)")
      }
    case .indexed(let data, let window): readStepBatches(data, window: window)
    }
  }

  /// The training batches around every checkpoint's step; what was taken is a note.
  private mutating func readStepBatches(_ data: IndexedSource, window: Int) {
    let steps = Set(inventory.runs.flatMap { $0.checkpoints.map(\.step) }).sorted()
    var shortened: [String] = []
    for step in steps {
      do {
        let batches = try GradientBatches(data, around: step, window: window)
        inventory.stepBatches[step] = batches
        if let first = batches.steps.first, let last = batches.steps.last,
          batches.steps.count < 2 * window + 1
        {
          shortened.append("at step \(step) \(first) to \(last)")
        }
      } catch {
        return note("measure.gradients.indexed", "around step \(step): \(error)")
      }
    }
    inventory.notes.append(
      "gradients: \(data.path): the batches of the steps t - \(window) to t + \(window) around each "
        + "checkpoint's step t, \(data.batch) sequences a step, step 0 first, "
        + (data.sequences.map { "the first \($0) of each" } ?? "all of them")
        + (shortened.isEmpty
          ? "" : "; as many as there are: \(shortened.joined(separator: ", "))")
        + "; the file has to be in training order")
  }

  private mutating func readRun(_ index: Int) {
    let run = study.runs[index]
    guard let folder = run.checkpoints else { return }
    let path = "runs[\(index)]"
    if !folder.hasPrefix(HubCache.scheme) {
      do {
        var reader = ExportedRunReader(
          study: study, run: run, path: path, probes: inventory.probes)
        if let exported = try reader.read(folder) {
          inventory.exported.append(exported)
          inventory.failures += reader.failures
          inventory.notes += reader.notes
          return
        }
      } catch let finding as ExportedRunReader.Finding {
        return note(finding.path, finding.message)
      } catch {
        return note("\(path).checkpoints", "\(error)")
      }
    }
    let found: RunFolder
    do {
      found =
        folder.hasPrefix(HubCache.scheme)
        ? try HubCache.run(folder, environment: environment, pattern: run.stepPattern)
        : try RunFolder(folder, pattern: run.stepPattern)
    } catch {
      note("\(path).checkpoints", "\(error)")
      return
    }
    guard !found.entries.isEmpty else {
      note("\(path).checkpoints", "\(folder) holds no stepN folders (step0, step1000, …)")
      return
    }
    let wanted = run.steps ?? found.entries.map(\.step)
    let final = run.final ?? wanted.last ?? 0
    if run.final != nil, !wanted.contains(final) || found.entry(step: final) == nil {
      note(
        "\(path).final",
        "step \(final) not found\(Self.nearest(to: final, among: found.entries.map(\.step)))")
      return
    }
    for entry in found.entries where wanted.contains(entry.step) {
      guard let tokens = entry.tokens else { continue }
      inventory.tokens[CheckpointName(run: run.name, step: entry.step)] = tokens
    }
    var checkpoints: [ModelCheckpoint] = []
    var failures: [FailedUnit] = []
    for (step, opened) in zip(wanted, open(wanted, of: found, folder)) {
      do {
        let checkpoint = try opened.get()
        inventory.notes += checkpoint.checkpoint.weights.notes.map {
          "\(study.relative(checkpoint.folder)): \($0)"
        }
        checkpoints.append(checkpoint)
      } catch {
        failures.append(
          FailedUnit(stage: .capture, run: run.name, step: step, reason: "\(error)"))
      }
    }
    guard let last = checkpoints.last else {
      let reason = failures.first.map { "; \($0.line)" } ?? ""
      note("\(path).checkpoints", "no step of \(folder) can be read\(reason)")
      return
    }
    if run.reference == nil, let failed = failures.first(where: { $0.step == final }) {
      note(
        "\(path).\(run.final == nil ? "checkpoints" : "final")",
        "the final checkpoint cannot be read: \(failed.line); mend it, or name another as `final:`")
      return
    }
    let unreadable = failures.map(\.step).filter { found.entry(step: $0) != nil }
    add(run, checkpoints, failures, unreadable: unreadable, final: final, fallback: last)
  }

  /// The checkpoints of `steps`, or why each cannot be opened.
  private func open(
    _ steps: [Int], of found: RunFolder, _ folder: String
  ) -> [Result<ModelCheckpoint, any Error>] {
    let study = study
    return Workers(width: lanes).map(steps.count) { index in
      let step = steps[index]
      return Result {
        guard let entry = found.entry(step: step) else {
          throw StudyError.output(
            "\(folder): step \(step) not found"
              + Self.nearest(to: step, among: found.entries.map(\.step)))
        }
        if let obstacle = entry.obstacle {
          throw StudyError.output("\(study.relative(entry.folder)): \(obstacle)")
        }
        return try ModelCheckpoint(step: step, folder: entry.folder)
      }
    }
  }

  private mutating func add(
    _ run: Study.Run, _ checkpoints: [ModelCheckpoint], _ failures: [FailedUnit],
    unreadable: [Int], final: Int, fallback: ModelCheckpoint
  ) {
    let model = (checkpoints.first { $0.step == final } ?? fallback).model
    var failures = failures
    var unlike: [Int: String] = [:]
    // One run is one model: a step of another shape has no curve here.
    let matching = checkpoints.filter { checkpoint in
      guard let difference = checkpoint.model.configuration.difference(from: model.configuration)
      else { return true }
      unlike[checkpoint.step] = difference
      failures.append(
        FailedUnit(
          stage: .capture, run: run.name, step: checkpoint.step,
          reason: "\(checkpoint.folder)/config.json: \(difference)"))
      return false
    }
    inventory.failures += failures.sorted { $0.step < $1.step }
    inventory.runs.append(
      StudyInventory.Run(
        study: run, checkpoints: matching,
        reference: run.reference.map { CheckpointName(run: $0.run, step: $0.step) }
          ?? CheckpointName(run: run.name, step: final),
        configuration: model.configuration, parameters: run.parameters ?? model.parameterCount,
        unlike: unlike, unreadable: unreadable))
  }

  private mutating func checkReferences() {
    for (index, run) in study.runs.enumerated() {
      guard let reference = run.reference else { continue }
      guard let other = inventory.runs.first(where: { $0.name == reference.run }) else {
        if !study.runs.contains(where: { $0.name == reference.run }) {
          note(
            "runs[\(index)].reference.run",
            "no run is called \(Spelling.quoted(reference.run)); runs: "
              + study.runs.map(\.name).joined(separator: ", "))
        }
        continue
      }
      let steps = other.checkpoints.map(\.step)
      if !steps.contains(reference.step) {
        note(
          "runs[\(index)].reference.step",
          "run \(reference.run) has no readable step \(reference.step)"
            + Self.nearest(to: reference.step, among: steps))
      }
    }
  }

  /// Every probe's tokens against every model's vocabulary and context.
  private mutating func checkTokens() {
    for (index, probe) in study.probes.enumerated() {
      guard let read = inventory.probes.first(where: { $0.name == probe.name }) else { continue }
      for run in inventory.runs {
        do {
          try read.batch.validate(
            vocabulary: run.configuration.vocabulary, context: run.configuration.context)
        } catch {
          note(
            "probes[\(index)].\(probe.source.key)",
            "\(probe.source.path) does not fit run \(run.name): \(error)")
        }
      }
    }
    for run in inventory.runs {
      do {
        try inventory.gradientBatches?.validate(
          vocabulary: run.configuration.vocabulary, context: run.configuration.context)
      } catch {
        note("measure.gradients.batches", "does not fit run \(run.name): \(error)")
      }
      do {
        for step in run.checkpoints.map(\.step) {
          try inventory.stepBatches[step]?.validate(
            vocabulary: run.configuration.vocabulary, context: run.configuration.context)
        }
      } catch {
        note("measure.gradients.indexed", "does not fit run \(run.name): \(error)")
      }
    }
  }

  /// `; nearest are 3000, 4000`: the steps below and above, for a message.
  private static func nearest(to step: Int, among steps: some Collection<Int>) -> String {
    let near = [steps.filter { $0 < step }.max(), steps.filter { $0 > step }.min()].compactMap(
      \.self)
    guard !near.isEmpty else { return "" }
    let words = near.map(String.init).joined(separator: ", ")
    return near.count == 1 ? "; nearest is \(words)" : "; nearest are \(words)"
  }
}
