import Files
import Foundation
import LinearAlgebra
import Reporting
import Tensors

/// How a study's numbers came about: `results/provenance.json`, the one file of the results that
/// holds times, hosts and thread counts.
struct StudyProvenance: Sendable {
  struct Input: Sendable {
    let path: String
    let sha256: String
    let bytes: Int
  }

  var command = ""
  var date = ""
  var host = ""
  var processor = ""
  var threads = 1
  var blasKernel = ""
  var seed: UInt64 = 0
  var seconds: [(stage: String, seconds: Double)] = []
  var versions: [(name: String, version: String)] = []
  var inputs: [Input] = []

  /// The provenance of a run of `study` on this machine, now.
  init(_ study: Study, options: StudyOptions, clock: StageClock, inputs: [Input]) {
    command = options.command
    date = Date.now.formatted(.iso8601)
    host = ProcessInfo.processInfo.hostName
    processor = Self.processorName
    threads = options.threads
    blasKernel = BLASThreads.kernelName
    seed = study.seed
    let spent = clock.seconds
    seconds = StudyStage.allCases.compactMap { stage in
      spent[stage].map { (stage.rawValue, $0) }
    }
    versions = [("tend", TendVersion.current)] + MethodVersions.all
    self.inputs = inputs
  }

  var json: String {
    JSONText.document(
      .object([
        ("command", .text(command)), ("date", .text(date)), ("host", .text(host)),
        ("cpu", .text(processor)), ("threads", .integer(threads)),
        ("blas_kernel", .text(blasKernel)), ("seed", .text(String(seed))),
        ("seconds", .object(seconds.map { ($0.stage, .number($0.seconds)) })),
        ("versions", .object(versions.map { ($0.name, .text($0.version)) })),
        (
          "inputs",
          .list(
            inputs.map {
              .object([
                ("path", .text($0.path)), ("sha256", .text($0.sha256)),
                ("bytes", .integer($0.bytes)),
              ])
            })
        ),
      ]))
  }

  /// What `json` wrote; fields of another form keep their defaults.
  init(_ json: JSONValue) {
    command = json["command"]?.string ?? ""
    date = json["date"]?.string ?? ""
    host = json["host"]?.string ?? ""
    processor = json["cpu"]?.string ?? ""
    threads = json["threads"]?.integer ?? 1
    blasKernel = json["blas_kernel"]?.string ?? ""
    seed = json["seed"]?.string.flatMap(UInt64.init) ?? 0
    seconds = (json["seconds"]?.members ?? []).compactMap { member in
      member.value.double.map { (member.name, $0) }
    }
    versions = (json["versions"]?.members ?? []).compactMap { member in
      member.value.string.map { (member.name, $0) }
    }
    inputs = (json["inputs"]?.elements ?? []).compactMap { entry in
      guard let path = entry["path"]?.string, let digest = entry["sha256"]?.string else {
        return nil
      }
      return Input(path: path, sha256: digest, bytes: entry["bytes"]?.integer ?? 0)
    }
  }

  /// As the report shows it.
  var shown: Provenance {
    Provenance(
      versions: versions.map { Provenance.Version($0.name, $0.version) },
      inputs: inputs.map { Provenance.Input(path: $0.path, sha256: $0.sha256, bytes: $0.bytes) },
      command: command, host: host, cpu: processor, threads: threads, blasKernel: blasKernel,
      seconds: seconds.map { Provenance.Stage($0.stage, seconds: $0.seconds) }, date: date)
  }

  private static var processorName: String {
    // Linux tells it here; elsewhere the name stays empty.
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return ""
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
  }
}
