/// The two scripts of a submission: an array of which each task does a shard, and what makes the report.
struct SlurmScripts: Sendable, Equatable {
  /// Absolute paths, of the program and of study.yaml.
  let program: String
  let study: String
  /// The study's name.
  let name: String
  let settings: SlurmSettings
  let shards: Int
  let need: SlurmNeed
  /// How long the gathering job looks again for what is missing, in seconds.
  let patience: Int

  /// Each task becomes tend, so that signals reach it: SIGUSR2 a minute before the time is over, and
  /// SIGTERM when the task is preempted. What it had finished stays; a task that is started again goes on.
  var array: String {
    options(log: "%A_%a.log", memory: need.memory, time: need.time) + """

      # One shard a task. $1: how many shards the arrays before this one hold.
      shard=$((${SLURM_ARRAY_TASK_ID:-0} + ${1:-0} + 1))
      exec \(ShellWord.line([program, "run", study])) --shard "$shard/\(shards)" --no-gather \
      --threads \(settings.threads) --progress lines

      """
  }

  var gather: String {
    options(log: "gather_%j.log", memory: need.gatherMemory, time: need.gatherTime) + """

      # Analyses and draws once every unit is there; else says what is missing.
      exec \(ShellWord.line([program, "gather", study])) --shards \(shards) --wait \(patience) \
      --threads \(settings.threads) --progress lines

      """
  }

  private func options(log: String, memory: String?, time: String?) -> String {
    var lines = [
      "--job-name=\(jobName)", "--output=\(log)", "--open-mode=append", "--requeue",
      "--signal=B:USR2@60", "--nodes=1", "--ntasks=1", "--cpus-per-task=\(settings.threads)",
    ]
    if let memory { lines.append("--mem=\(memory)") }
    if let time { lines.append("--time=\(time)") }
    if let partition = settings.partition { lines.append("--partition=\(partition)") }
    if let account = settings.account { lines.append("--account=\(account)") }
    return "#!/bin/bash\n"
      + (lines + settings.lines).map { "#SBATCH \($0)\n" }.joined()
  }

  /// The study's name in the characters that every tool of Slurm's shows.
  private var jobName: String {
    let plain = name.unicodeScalars.map { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        ? Character(scalar) : "-"
    }
    return "tend-" + String(plain.prefix(40))
  }
}

/// What the jobs of a submission ask for, as Slurm writes it; `nil`: nothing is asked for.
struct SlurmNeed: Sendable, Equatable {
  var memory: String?
  var time: String?
  var gatherMemory: String?
  var gatherTime: String?
}
