import Capture
import Files
import Foundation

/// How a submission is made; what is `nil` is as study.yaml says.
package struct SubmitOptions: Sendable {
  /// The command itself, absolute.
  package var program: String
  package var tasks: Int?
  package var limit: Int?
  /// How long the gathering job looks again for what is missing, in seconds.
  package var patience = 120

  package init(program: String) { self.program = program }
}

/// A study as jobs for Slurm: scripts, arrays, and what handing them over gives.
package struct StudySubmission: Sendable {
  let folder: String
  let scripts: SlurmScripts
  let arrays: SlurmArrays
  /// The study's own file, by name.
  let study: String
  /// The command that goes on, for messages.
  let resume: String
  /// What a user should know.
  package let notes: [String]

  private var arrayPath: String { folder + "/array.sbatch" }
  private var gatherPath: String { folder + "/gather.sbatch" }

  /// What would be written and called: for a look before it is done.
  package var lines: [String] {
    var lines = ["# \(arrayPath)"] + scripts.array.split(separator: "\n").map(String.init)
    lines += ["", "# \(gatherPath)"] + scripts.gather.split(separator: "\n").map(String.init)
    lines += ["", "# called by tend submit; each call prints the number of its job"]
    let jobs = arrays.chunks.indices.map { "JOB\($0 + 1)" }
    lines += arrays.chunks.map { ShellWord.line(["sbatch"] + arguments(of: $0, jobs: jobs)) }
    lines.append(ShellWord.line(["sbatch"] + gatherArguments(jobs: jobs)))
    return lines
  }

  /// Writes the scripts and hands them to sbatch, telling each step.
  ///
  /// - Throws: `StudyError.output` where sbatch is not there or refuses; what was handed over before runs.
  package func submit(telling: (String) -> Void) throws {
    let sbatch = SlurmProgram(name: "sbatch")
    guard sbatch.isThere else {
      throw StudyError.output(
        "sbatch is not in PATH: submit where Slurm's commands are, or look at the scripts with --dry-run"
      )
    }
    var record = SlurmSubmission(folder: folder, study: study, shards: scripts.shards)
    do throws(FileError) {
      try Folder.make(folder)
      try DurableWrite.write(scripts.array, to: arrayPath)
      try DurableWrite.write(scripts.gather, to: gatherPath)
      try record.write()
    } catch {
      throw StudyError.output("\(error)")
    }
    try submitArrays(sbatch, arrays, &record, telling)
    let job = try number(
      in: try sbatch(gatherArguments(jobs: record.arrays.map(\.job))), record: record,
      lacking: "the gathering job; to submit it later")
    record.gather = job
    try keep(record)
    telling("job \(job) makes the report\(record.arrays.isEmpty ? "" : " when they have ended")")
  }

  private func submitArrays(
    _ sbatch: SlurmProgram, _ arrays: SlurmArrays, _ record: inout SlurmSubmission,
    _ telling: (String) -> Void
  ) throws {
    for (place, chunk) in arrays.chunks.enumerated() {
      let answer = try sbatch(arguments(of: chunk, jobs: record.arrays.map(\.job)))
      let largest = (chunk.indices.last ?? 0) + 1
      // A limit that nothing told of: arrays of half the size, as long as none was taken yet.
      if answer.status != 0, place == 0, largest > 1, Self.speaksOfSize(answer.complaint) {
        telling("sbatch refused indices up to \(largest - 1) (\(answer.complaint)); trying half")
        let smaller = SlurmArrays(
          shards: arrays.chunks.flatMap(\.shards), largest: largest / 2,
          limit: arrays.limit)
        return try submitArrays(sbatch, smaller, &record, telling)
      }
      let rest = arrays.chunks[place...].flatMap(\.shards)
      let job = try number(
        in: answer, record: record,
        lacking: "shards \(SlurmArrays.ranges(rest)); to submit them later")
      record.arrays.append(
        SlurmSubmission.Array(
          job: job, offset: chunk.offset, indices: chunk.indices, isArray: arrays.isArray))
      try keep(record)
      telling(
        "job \(job) does shards \(SlurmArrays.ranges(chunk.shards)) of \(scripts.shards)"
          + (chunk.limit.map { ", \($0) at once" } ?? ""))
    }
  }

  /// Whether a refusal may be about how many tasks there are: sites word their limits in their own ways.
  private static func speaksOfSize(_ complaint: String) -> Bool {
    let words = complaint.lowercased()
    return ["array", "size", "limit", "many", "large", "big", "exceed"].contains {
      words.contains($0)
    }
  }

  /// The number of the job that sbatch made; else what was handed over and what was not.
  private func number(
    in answer: SlurmProgram.Answer, record: SlurmSubmission, lacking: String
  ) throws -> String {
    let jobs =
      record.jobs.isEmpty ? "nothing runs" : "jobs \(record.jobs.joined(separator: ", ")) run"
    guard answer.status == 0 else {
      throw StudyError.output(
        "sbatch ended with \(answer.status): \(answer.complaint)\n"
          + "\(jobs); not submitted: \(lacking): \(resume)")
    }
    guard let job = SlurmSubmission.job(answer.output) else {
      throw StudyError.output(
        "sbatch printed \(Spelling.quoted(answer.output)) where --parsable prints the job's number; it may "
          + "have been taken\n\(jobs); not submitted for sure: \(lacking): \(resume)")
    }
    return job
  }

  private func keep(_ record: SlurmSubmission) throws {
    do throws(FileError) { try record.write() } catch {
      throw StudyError.output("\(error); jobs \(record.jobs.joined(separator: ", ")) run")
    }
  }

  private func arguments(of chunk: SlurmArrays.Chunk, jobs: [String]) -> [String] {
    var arguments = ["--parsable"]
    if arrays.isArray { arguments.append("--array=" + SlurmArrays.text(chunk)) }
    if let after = chunk.after, jobs.indices.contains(after) {
      arguments.append("--dependency=afterany:\(jobs[after])")
    }
    return arguments + ["--output=\(logPattern)/%A_%a.log", arrayPath, "\(chunk.offset)"]
  }

  private func gatherArguments(jobs: [String]) -> [String] {
    ["--parsable"]
      + (jobs.isEmpty ? [] : ["--dependency=afterany:" + jobs.joined(separator: ":")])
      + ["--output=\(logPattern)/gather_%j.log", gatherPath]
  }

  /// The folder of the logs as Slurm's patterns spell it.
  private var logPattern: String {
    folder.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
  }
}

extension StudyRunner {
  /// The study as jobs: the shards that owe a unit as arrays, and one job that gathers.
  ///
  /// - Throws: `StudyError.invalid` where the study is, or nothing in it can be cut.
  package func submission(_ submit: SubmitOptions) throws -> StudySubmission {
    guard study.measurements == nil else {
      throw StudyError.invalid(
        file: shown,
        [study.finding(at: "measurements", "a table has nothing to measure; use tend run")])
    }
    try requireTrained()
    let folder =
      SlurmSubmission.folder(in: folders.working)
      + "/\(Date.now.formatted(.iso8601).filter { $0.isLetter || $0.isNumber })-\(getpid())"
    // Slurm replaces nothing in a pattern that holds a backslash, and cannot log into such a folder.
    guard !folder.contains("\\"), !folder.contains(where: \.isNewline) else {
      throw StudyError.invalid(
        file: shown,
        [
          StudyFinding(
            "Slurm cannot log below a folder whose path holds a backslash or a line break: "
              + Spelling.quoted(study.folder))
        ])
    }
    let inventory = try inspect()
    let audits = { (digests: [CheckpointName: TensorDigests]) in
      inventory.runs.map { RunAudit(run: $0, inventory: inventory, digests: digests).unit }
    }
    let known = planned(inventory, knownDigests(inventory))
    let units = audits(known) + StudyPlan(study, inventory, digests: known).units
    let there = try store.keys(among: units.map(\.key))
    let owing = units.filter { !there.contains($0.key) }
    var settings = study.slurm
    settings.limit = submit.limit ?? settings.limit
    let checkpoints = inventory.runs.reduce(0) { $0 + $1.checkpoints.count }
    let owners = ShardOwners(
      inventory,
      shards: submit.tasks ?? settings.tasks
        ?? max(1, min(SlurmSettings.usualTasks, checkpoints)))
    let limits = try SlurmLimits.current()
    let speed =
      settings.time == nil || settings.memory == nil
      ? MachineSpeed.measured(threads: settings.threads) : nil
    var need = SlurmNeed(settings, units: units, owing: owing, owners: owners) { units in
      var cost = StudyCost()
      guard let speed else { return cost }
      for unit in units { cost.add(unit, inventory, study: study, speed: speed) }
      return cost
    }
    var notes = inventory.notes + inventory.failures.map { "will fail: \($0.line)" }
    if !limits.knowsMemory, settings.memory == nil {
      need.memory = nil
      need.gatherMemory = nil
      notes.append("no node of this Slurm has its memory described: jobs ask for none")
    }
    if owing.isEmpty { notes.append("every unit is there: only the report is left to make") }
    return StudySubmission(
      folder: folder,
      scripts: SlurmScripts(
        program: submit.program, study: study.file, name: study.name, settings: settings,
        shards: owners.shards, need: need, patience: submit.patience),
      arrays: SlurmArrays(
        shards: Set(owing.map(owners.owner)).sorted(), largest: limits.largestArray,
        limit: settings.limit),
      study: URL(fileURLWithPath: study.file).lastPathComponent,
      resume: "tend submit \(ShellWord.quoted(shown))", notes: notes)
  }
}
