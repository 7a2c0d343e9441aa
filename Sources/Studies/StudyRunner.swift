import Capture
import Databases
import Dynamics
import Files
import LanguageModels
import LinearAlgebra

/// Runs a study: measures what is not there yet, gathers, analyses, draws.
package struct StudyRunner: Sendable {
  let study: Study
  /// The file as the user named it, for messages.
  let shown: String
  let options: StudyOptions
  private(set) var events: @Sendable (StudyEvent) -> Void
  let clock = StageClock()

  var folders: OutputFolders { OutputFolders(study) }
  var store: ArtifactStore { ArtifactStore(folder: folders.working) }
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
  }

  var lanes: Lanes { Lanes(width: options.threads) }

  /// Measures, gathers, analyses and draws.
  package func run() throws -> StudyOutcome {
    if study.measurements != nil {
      let results = try TableStudy(study, shownAs: shown).results()
      return try logging { runner in try runner.runTable(results) }
    }
    let inventory = try StudyInspector.inspect(study, shownAs: shown)
    return try logging { runner in try runner.measure(inventory) }
  }

  /// Runs `body` with a log; only what is valid gets as far as that.
  private func logging(_ body: (StudyRunner) throws -> StudyOutcome) throws -> StudyOutcome {
    let log = EventLog(folder: folders.working + "/log", command: options.command)
    var logged = self
    let events = self.events
    logged.events = { event in
      log?.write(event)
      events(event)
    }
    do {
      let outcome = try logged.writing { try body(logged) }
      log?.write("ended with exit code \(outcome.exitCode.rawValue)")
      return outcome
    } catch {
      log?.write("\(error)")
      throw error
    }
  }

  private func measure(_ inventory: StudyInventory) throws -> StudyOutcome {
    for note in inventory.notes { events(.note(note)) }
    for failure in inventory.failures { events(.unitFailed(failure)) }
    let measurement = StudyMeasurement(self, inventory)
    let plan = try measurement.bringUpToDate()
    let stamp = FinishedStamp(folders)
    let content = try content(
      plan, audits: measurement.audits, failures: measurement.failures)
    if stamp.isCurrent(content) {
      events(.note("results, figures and site are up to date"))
      return StudyOutcome(
        failures: measurement.failures, indexPath: folders.site + "/index.html",
        exitCode: exitCode(measurement.failures))
    }
    stamp.remove()
    let results = try measurement.gather(plan)
    let outcome = try finish(results, inputs: measurement.inputs)
    try stamp.write(content)
    return outcome
  }

  func exitCode(_ failures: [FailedUnit]) -> StudyExitCode {
    failures.isEmpty ? .done : options.isStrict ? .invalid : .failed
  }

  /// Draws and builds again from the stored results.
  package func report() throws -> StudyOutcome {
    // A table has nothing to measure: there a report is all that a run does.
    guard study.measurements == nil else { return try run() }
    let results = try ResultsFolder(path: folders.results).read(study: shown)
    return try writing { try StudyReport(self).make(results, inputs: nil) }
  }

  /// A study whose numbers were measured elsewhere: analysis and report alone.
  private func runTable(_ results: StudyResults) throws -> StudyOutcome {
    let path = study.measurements ?? ""
    let bytes = try FileReader(path).readAll()
    let table = StudyProvenance.Input(
      path: study.relative(path), sha256: SHA256Digest(of: bytes).hex, bytes: bytes.count)
    return try finish(results, inputs: [table])
  }

  private func finish(
    _ results: StudyResults, inputs: [StudyProvenance.Input]
  ) throws -> StudyOutcome {
    try ResultsFolder(path: folders.results).write(results)
    return try StudyReport(self).make(results, inputs: inputs)
  }

  /// Runs `body`; what cannot be written ends the run with one line.
  private func writing<Result>(_ body: () throws -> Result) throws -> Result {
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
