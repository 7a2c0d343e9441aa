import Capture
import Databases
import Dynamics
import Files
import Foundation
import LanguageModels
import LinearAlgebra

/// Runs a study: measures what is not there yet, gathers, analyses, draws.
package struct StudyRunner: Sendable {
  let study: Study
  /// The file as the user named it, for messages.
  let shown: String
  var options: StudyOptions
  private(set) var events: @Sendable (StudyEvent) -> Void
  let clock = StageClock()
  let machine: Machine

  var folders: OutputFolders { OutputFolders(study) }
  /// The working folder's artifacts; what is written there says how it came about.
  var store: ArtifactStore {
    store { [clock] kind in
      // Captures of every position are let go: what they took counts for what was made from them.
      kind == .positions ? clock.unit : clock.takeUnit()
    }
  }

  /// The same, with the time that `spent` says.
  func store(noting spent: @escaping @Sendable (UnitKind) -> StageClock.Unit) -> ArtifactStore {
    let environment = UnitOrigin.Environment(
      tend: TendVersion.current, machine: machine, threads: options.threads,
      seed: String(study.seed))
    return ArtifactStore(folder: folders.working) { kind in
      UnitOrigin(
        environment: environment, date: Date.now.formatted(.iso8601), spent: spent(kind)
      ).bytes
    }
  }
  var digestCache: DigestCache { DigestCache(folder: folders.working + "/digests") }

  /// A runner for the study in `file`; every mistake in it as `StudyError.invalid`.
  package init(
    file: String, options: StudyOptions, events: @escaping @Sendable (StudyEvent) -> Void
  ) throws {
    study = try StudyDecoder.decode(file: file)
    shown = file
    self.options = options
    self.events = events
    // Threads come in through lanes; a pool inside BLAS as well would oversubscribe the cores.
    BLASThreads.set(1)
    machine = Machine.current()
  }

  /// Everything that the study names and that lies on disk; every mistake as `StudyError.invalid`.
  func inspect() throws -> StudyInventory { try inspect(study) }

  /// The same for a part of the study.
  func inspect(_ part: Study) throws -> StudyInventory {
    try StudyInspector.inspect(
      part, shownAs: shown, environment: options.environment, lanes: options.threads)
  }

  var lanes: Lanes { Lanes(width: options.threads) }

  /// Measures, gathers, analyses and draws.
  package func run() throws -> StudyOutcome {
    if study.measurements != nil {
      if tableIsUpToDate { return try logging { runner in runner.upToDate([]) } }
      let results = try TableStudy(study, shownAs: shown).results()
      try checkPages(of: results)
      return try logging { runner in try runner.runTable(results) }
    }
    if study.runs.contains(where: { $0.training != nil }) {
      try checkTraining()
      try checkPages()
      return try logging { runner in
        try runner.trainMissing()
        return try runner.measure(runner.inspect())
      }
    }
    let inventory = try inspect()
    try checkPages()
    return try logging { runner in try runner.measure(inventory) }
  }

  /// Runs `body` with a log; only what is valid gets as far as that.
  func logging(_ body: (StudyRunner) throws -> StudyOutcome) throws -> StudyOutcome {
    let log = EventLog(
      folder: folders.working + "/log", command: options.command, host: machine.host)
    let pulse = log?.beginPulse()
    defer { pulse?.cancel() }
    var logged = self
    let events = self.events
    logged.events = { event in
      log?.write(event)
      events(event)
    }
    do {
      let outcome = try logged.writing { try body(logged) }
      log?.write("\(EventLog.end) \(outcome.exitCode.rawValue)")
      return outcome
    } catch {
      log?.write("\(error)")
      log?.write("\(EventLog.end) \(StudyExitCode.failed.rawValue)")
      throw error
    }
  }

  func measure(_ inventory: StudyInventory) throws -> StudyOutcome {
    for note in inventory.notes { events(.note(note)) }
    for failure in inventory.failures { events(.unitFailed(failure)) }
    let measurement = StudyMeasurement(self, inventory)
    let plan = try measurement.bringUpToDate()
    if options.shard != nil { return try endOfShard(inventory, measurement.failures) }
    let stamp = FinishedStamp.run(self)
    let content = try content(
      units: measurement.audits + plan.units, failures: measurement.failures)
    if try stamp.changes(from: content) == [] { return upToDate(measurement.failures) }
    try stamp.remove()
    let results = try measurement.gather(plan)
    return try finish(
      results, inputs: measurement.inputs(), units: measurement.records, content)
  }

  private func upToDate(_ failures: [FailedUnit]) -> StudyOutcome {
    events(.note("results, figures and site are up to date"))
    return StudyOutcome(
      failures: failures, indexPath: folders.site + "/index.html", exitCode: exitCode(failures))
  }

  func exitCode(_ failures: [FailedUnit]) -> StudyExitCode {
    failures.isEmpty ? .done : options.isStrict ? .invalid : .failed
  }

  /// Draws and builds again from the stored results.
  package func report() throws -> StudyOutcome {
    let stamp = FinishedStamp.report(self)
    let content = try reportContent()
    if try stamp.changes(from: content) == [] { return upToDate([]) }
    try stamp.remove()
    let results = try storedResults()
    // A table has nothing to measure: there a report is all that a run does.
    guard study.measurements == nil else {
      try FinishedStamp.run(self).remove()
      return try logging { runner in
        let outcome = try runner.runTable(results)
        try stamp.write(content, artifacts: FinishedStamp.run(self).artifacts())
        return outcome
      }
    }
    return try writing {
      let report = StudyReport(self)
      let outcome = try report.make(results, from: nil)
      // A report that lacks something says so each time.
      guard outcome.exitCode == .done else { return outcome }
      try Folder.make(folders.working)
      // The provenance holds how the figures were made now; all else is as it was read.
      let provenance = try provenanceContent()
      try stamp.write(
        content.filter { $0.name != provenance?.name } + [provenance].compactMap(\.self),
        artifacts: report.used)
      return outcome
    }
  }

  /// The numbers that a report is made from: those in `results/`, or the study's own table.
  func storedResults() throws -> StudyResults {
    study.measurements == nil
      ? try ResultsFolder(path: folders.results).read(study: shown)
      : try TableStudy(study, shownAs: shown).results()
  }

  /// Whether the last run saw this table and study; what cannot be read is told where it is used.
  private var tableIsUpToDate: Bool {
    do {
      return try FinishedStamp.run(self).changes(from: content(units: [], failures: [])) == []
    } catch {
      return false
    }
  }

  /// A study whose numbers were measured elsewhere: analysis and report alone.
  private func runTable(_ results: StudyResults) throws -> StudyOutcome {
    let stamp = FinishedStamp.run(self)
    let content = try content(units: [], failures: [])
    if try stamp.changes(from: content) == [] { return upToDate([]) }
    try stamp.remove()
    let path = study.measurements ?? ""
    let bytes = try FileReader(path).readAll()
    let table = StudyProvenance.Input(
      path: study.relative(path), sha256: SHA256Digest(of: bytes).hex, bytes: bytes.count)
    return try finish(results, inputs: [table], units: [], content)
  }

  /// The report of what was measured, and the stamp that a run with this content ended.
  private func finish(
    _ results: StudyResults, inputs: [StudyProvenance.Input], units: [UnitRecord],
    _ content: [FinishedStamp.Part]
  ) throws -> StudyOutcome {
    let report = StudyReport(self)
    let outcome = try report.make(results, from: StudyReport.Source(inputs: inputs, units: units))
    try FinishedStamp.run(self).write(content, artifacts: report.used)
    return outcome
  }

  /// Runs `body`; what cannot be written ends the run with one line.
  func writing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as CaptureError {
      throw StudyError.output("\(error); finished units are kept, the same command goes on")
    } catch let error as FileError {
      throw StudyError.output("\(error); finished units are kept, the same command goes on")
    } catch let error as DatabaseError {
      throw StudyError.output("\(error); finished units are kept, the same command goes on")
    }
  }
}
