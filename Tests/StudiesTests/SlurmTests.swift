import Capture
import Foundation
import Testing

@testable import Studies

/// Jobs for Slurm: what stands in their scripts, and how shards become arrays.
@Suite struct SlurmTests {
  private func decode(_ slurm: String) throws -> SlurmSettings {
    try StudyDecoder.decode(
      "name: s\nruns: [{name: a, checkpoints: x}]\nslurm:\n\(slurm)\n", file: "/s/study.yaml"
    ).slurm
  }

  private func findings(_ slurm: String) -> [StudyFinding] {
    do {
      _ = try decode(slurm)
      return []
    } catch StudyError.invalid(_, let findings) {
      return findings
    } catch {
      Issue.record("\(error)")
      return []
    }
  }

  @Test func settingsAreRead() throws {
    let settings = try decode(
      """
        partition: cpu,long
        account: lab-7
        time: 04:00:00
        memory: 8G
        tasks: 20
        limit: 5
        threads: 4
        lines: [--qos=long, '--comment="two words"', --exclude=n1 --nice=5]
      """)
    #expect(settings.partition == "cpu,long" && settings.account == "lab-7")
    #expect(settings.time == "04:00:00" && settings.memory == "8G")
    #expect(settings.tasks == 20 && settings.limit == 5 && settings.threads == 4)
    #expect(settings.lines.count == 3)
    #expect(try decode("  time: 90\n  memory: 4000").time == "90")
  }

  @Test(arguments: [
    "partition: 'a b'", "partition: -x", "partition: $(reboot)", "account: \"a\\n#SBATCH -a 1\"",
    "account: 'a;b'", "time: soon", "time: 1:2:3:4", "time: 1-2-3", "time: ''", "memory: lots",
    "memory: 8GB", "memory: -1", "tasks: 0", "tasks: 100001", "limit: 0", "threads: 0",
    "lines: --qos=long", "lines: ['']", "queue: long", "partition: [a]",
  ])
  func whatCouldSayMoreThanItsKeyIsRefused(line: String) {
    let found = findings("  \(line)")
    #expect(found.count == 1 && found[0].line == 4, "\(found)")
  }

  @Test(arguments: [
    "echo hello", "-a 1-5", "--array=1-5", "--arr=1-5", "--qos=x --array=1-5", "--\"array\"=1-5",
    "--qos=x -Ha1-5", "--qos=x\n#SBATCH --array=1", "--qos=x\rrm", "--comment=\"open",
    "--wrap=reboot",
    "--export=ALL,LD_PRELOAD=/s/evil.so", "--output=/etc/passwd", "--dependency=afterok:1",
    "--comment=a\\", "--partition=x", "--mem=1", "--", "--no-requeue", "--comment=\u{202E}x",
  ])
  func aLineIsOneOptionThatSubmittingDoesNotNeed(line: String) {
    #expect(SlurmLine.mistake(in: line) != nil)
  }

  @Test(arguments: [
    "--qos=long", "--constraint=\"ib&avx2\"", "--mail-type=FAIL", "--gres=tmp:10G",
    "--nodelist=n[1-4]",
    "--mem-per-cpu=2G", "--time-min=60", "--reservation=x --licenses=a:1", "--comment=a'b'",
  ])
  func usualOptionsAreTaken(line: String) { #expect(SlurmLine.mistake(in: line) == nil) }

  /// Every shard once, no index at MaxArraySize or above, never more tasks at once than allowed.
  @Test(arguments: [1, 2, 4, 5, 1001], [nil, 1, 2, 3, 50])
  func arraysRespectBothLimits(largest: Int, limit: Int?) {
    let shards = (1...23).filter { $0 % 7 != 3 }
    let arrays = SlurmArrays(shards: shards, largest: largest, limit: limit)
    #expect(arrays.chunks.flatMap(\.shards).sorted() == shards)
    #expect(arrays.chunks.allSatisfy { $0.indices.allSatisfy { (0..<largest).contains($0) } })
    guard let limit else {
      #expect(arrays.chunks.allSatisfy { $0.limit == nil && $0.after == nil })
      return
    }
    // Whichever chunks run side by side: each waits for the one so many places before it.
    for first in arrays.chunks.indices {
      let side = arrays.chunks[first...].prefix { ($0.after ?? -1) < first }
      #expect(side.reduce(0) { $0 + ($1.limit ?? 0) } <= limit)
    }
    #expect(arrays.chunks.allSatisfy { ($0.limit ?? 0) >= 1 })
    for (place, chunk) in arrays.chunks.enumerated() { #expect((chunk.after ?? -1) < place) }
  }

  @Test func withoutArraysEachShardIsAJob() {
    let arrays = SlurmArrays(shards: [2, 5], largest: 0, limit: nil)
    #expect(!arrays.isArray && arrays.chunks.map(\.shards) == [[2], [5]])
  }

  @Test func indicesAreWrittenShort() {
    #expect(SlurmArrays.ranges([0, 1, 2, 5, 7, 8]) == "0-2,5,7-8")
    #expect(SlurmArrays.ranges([]).isEmpty)
    let arrays = SlurmArrays(shards: [1, 2, 4], largest: 10, limit: 2)
    #expect(arrays.chunks.map(SlurmArrays.text) == ["0-1,3%2"])
  }

  @Test(arguments: [
    "plain", "", "two words", "it's", "a\"b", "$(reboot)", "`id`", "a\nb", "-n", "a\\b", "*", "~",
    "é", "''",
    "#SBATCH --array=1", "a;b&c|d>e",
  ])
  func aShellReadsAWordAsItIs(word: String) throws {
    #expect(try Self.shell("printf %s \(ShellWord.quoted(word))") == word)
  }

  private static func shell(_ script: String, _ arguments: [String] = []) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script, "bash"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }

  private static func scripts(study: String, program: String = "/bin/echo") -> SlurmScripts {
    var settings = SlurmSettings()
    settings.partition = "cpu"
    settings.lines = ["--qos=long"]
    return SlurmScripts(
      program: program, study: study, name: "a\nb $(x) é", settings: settings, shards: 12,
      need: SlurmNeed(memory: "512M", time: "00:15:00"), patience: 120)
  }

  /// The task becomes the program: bash is gone, and its shard is the array's offset and its index.
  @Test(arguments: ["/s/study.yaml", "/it's/$(reboot)\n#SBATCH --array=7/`a b`.yaml"])
  func aTaskBecomesItsShard(study: String) throws {
    let scripts = Self.scripts(study: study)
    let said = try Self.shell("export SLURM_ARRAY_TASK_ID=3\n" + scripts.array, ["5"])
    #expect(said == "run \(study) --shard 9/12 --no-gather --threads 1 --progress lines\n")
    #expect(scripts.array.contains("\nexec ") && scripts.gather.contains("\nexec "))
    #expect(
      try Self.shell(scripts.gather)
        == "gather \(study) --shards 12 --wait 120 --threads 1 --progress lines\n")
    // sbatch reads options up to the first command: nothing of the study stands before that.
    let options = scripts.array.split(separator: "\n").prefix { $0.hasPrefix("#") }
    #expect(
      options.dropFirst().dropLast() == [
        "#SBATCH --job-name=tend-a-b---x---", "#SBATCH --output=%A_%a.log",
        "#SBATCH --open-mode=append", "#SBATCH --requeue", "#SBATCH --signal=B:USR2@60",
        "#SBATCH --nodes=1", "#SBATCH --ntasks=1", "#SBATCH --cpus-per-task=1",
        "#SBATCH --mem=512M",
        "#SBATCH --time=00:15:00", "#SBATCH --partition=cpu", "#SBATCH --qos=long",
      ])
  }

  @Test func whatSlurmPrintsIsReadStrictly() {
    #expect(SlurmSubmission.job("17\n") == "17")
    #expect(SlurmSubmission.job("note of a plugin\n17;far\n") == "17")
    for wrong in ["", "\n", "Submitted batch job 17", "17 18", "-1", "1234567890123", "job;17"] {
      #expect(SlurmSubmission.job(wrong) == nil, "\(wrong)")
    }
    #expect(SlurmLimits.largestArray("A = 1\nMaxArraySize            = 4001\n") == 4001)
    #expect(SlurmLimits.largestArray("MaxArraySize = (null)\n") == nil)
    #expect(SlurmNeed.clock(61) == "00:05:00" && SlurmNeed.clock(90_000) == "1-01:00:00")
    let jobs = SlurmAccounting("17_0|COMPLETED|0:0\n17_1|FAILED|1:0\nrubbish\n")
    #expect(jobs.lines == ["sacct: 1 COMPLETED, 1 FAILED", "sacct: 17_1 FAILED 1:0"])
  }

  @Test func aSubmissionIsReadBackAndRubbishIsNone() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "slurm-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let own = folder.appending(path: "slurm/1")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    var submission = SlurmSubmission(folder: own.path, study: "study.yaml", shards: 9)
    submission.arrays = [
      SlurmSubmission.Array(job: "17", offset: 0, indices: [0, 1, 3], isArray: true),
      SlurmSubmission.Array(job: "18", offset: 4, indices: [0], isArray: false),
    ]
    submission.gather = "19"
    try submission.write()
    #expect(try SlurmSubmission.all(in: folder.path, of: "study.yaml") == [submission])
    #expect(try SlurmSubmission.all(in: folder.path, of: "other.yaml").isEmpty)
    #expect(submission.log(ofShard: 4) == own.path + "/17_3.log")
    #expect(submission.log(ofShard: 5) == own.path + "/18_4294967294.log")
    #expect(submission.log(ofShard: 3) == nil)
    for rubbish in [
      "", "[]", "{\"study\":\"study.yaml\",\"shards\":0,\"arrays\":[]}",
      "{\"study\":\"study.yaml\",\"shards\":2,\"arrays\":[{\"job\":\"1\",\"offset\":0,\"indices\":\"0-99999999999\"}]}",
      "{\"study\":\"study.yaml\",\"shards\":2,\"arrays\":[{\"job\":\"../x\",\"offset\":0,\"indices\":\"0\"}]}",
    ] {
      try rubbish.write(
        to: own.appending(path: "submission.json"), atomically: false, encoding: .utf8)
      #expect(SlurmSubmission(folder: own.path) == nil, "\(rubbish)")
    }
  }
}
