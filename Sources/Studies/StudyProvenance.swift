import Files
import Foundation
import Reporting
import Tensors

/// How a study's numbers came about: `results/provenance.json`, the one file of the results that
/// holds times, hosts and thread counts.
struct StudyProvenance: Sendable {
  struct Input: Sendable {
    let path: String
    /// Of the content: all tensors of a checkpoint, shape and tokens of a probe, or the bytes of a file.
    let sha256: String
    /// Of a checkpoint's analysed matrices alone, which units of weights depend on.
    var analysed: String?
    /// Of a checkpoint from the hub: the commit that its revision was at.
    var commit: String?
    let bytes: Int

    var json: JSONText.Value {
      var members: [(String, JSONText.Value)] = [
        ("path", .text(path)), ("sha256", .text(sha256)), ("bytes", .integer(bytes)),
      ]
      if let commit { members.append(("commit", .text(commit))) }
      if let analysed { members.append(("analysed_sha256", .text(analysed))) }
      return .object(members)
    }
  }

  var command = ""
  var date = ""
  var machine = Machine()
  var threads = 1
  var seed: UInt64 = 0
  var seconds: [(stage: String, seconds: Double)] = []
  var versions: [(name: String, version: String)] = []
  var inputs: [Input] = []
  var units: [UnitRecord] = []
  /// The analysis and the figures.
  var report: [UnitRecord] = []
  /// The tables that the analysis was made from, by name.
  var analysed: [(table: String, sha256: String)] = []

  /// Of nothing.
  init() {}

  /// The provenance of a run of `study` on this machine, now. Stages that were done by earlier runs
  /// have the seconds that their units noted.
  init(
    _ study: Study, options: StudyOptions, machine: Machine, clock: StageClock, inputs: [Input],
    units: [UnitRecord], report: [UnitRecord]
  ) {
    command = options.command
    date = Date.now.formatted(.iso8601)
    self.machine = machine
    threads = options.threads
    seed = study.seed
    var spent = clock.seconds
    var noted: [StudyStage: Double] = [:]
    for unit in units + report {
      for (stage, seconds) in unit.origin?.stages ?? [] { noted[stage, default: 0] += seconds }
    }
    spent.merge(noted) { _, noted in noted }
    seconds = StudyStage.allCases.compactMap { stage in
      spent[stage].map { (stage.rawValue, $0) }
    }
    versions = [("tend", TendVersion.current), ("blas", machine.blas)] + MethodVersions.all
    self.inputs = inputs
    self.units = units
    self.report = report
  }

  /// What units have in common, each once, in the order of the units.
  private var environments: [UnitOrigin.Environment] {
    var known: Set<UnitOrigin.Environment> = []
    return (units + report).compactMap(\.origin?.environment).filter { known.insert($0).inserted }
  }

  var json: String {
    let environments = environments
    let places = Dictionary(
      environments.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    func records(_ units: [UnitRecord]) -> JSONText.Value {
      .list(
        units.map { unit in
          .line(unit.json(environment: unit.origin.flatMap { places[$0.environment] }))
        })
    }
    return JSONText.document(
      .object([
        ("command", .text(command)), ("date", .text(date)), ("host", .text(machine.host)),
        ("cpu", .text(machine.processor)), ("threads", .integer(threads)),
        ("blas", .text(machine.blas)), ("blas_kernel", .text(machine.kernel)),
        ("seed", .text(String(seed))),
        ("seconds", .object(seconds.map { ($0.stage, .number($0.seconds)) })),
        ("versions", .object(versions.map { ($0.name, .text($0.version)) })),
        (
          "inputs",
          .list(
            inputs.map { .line($0.json) })
        ),
        ("analysis", .object(analysed.map { ($0.table, .text($0.sha256)) })),
        ("environments", .list(environments.map { .line($0.json) })),
        ("units", records(units)), ("report", records(report)),
      ]))
  }

  /// What `json` wrote; fields of another form keep their defaults.
  init(_ json: JSONValue) {
    command = json["command"]?.string ?? ""
    date = json["date"]?.string ?? ""
    machine = Machine(
      host: json["host"]?.string ?? "", processor: json["cpu"]?.string ?? "",
      blas: json["blas"]?.string ?? "", kernel: json["blas_kernel"]?.string ?? "")
    threads = json["threads"]?.integer ?? 1
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
      return Input(
        path: path, sha256: digest, analysed: entry["analysed_sha256"]?.string,
        commit: entry["commit"]?.string, bytes: entry["bytes"]?.integer ?? 0)
    }
    analysed = (json["analysis"]?.members ?? []).compactMap { member in
      member.value.string.map { (member.name, $0) }
    }
    let environments = (json["environments"]?.elements ?? []).map(UnitOrigin.Environment.init)
    func records(_ name: String) -> [UnitRecord] {
      (json[name]?.elements ?? []).compactMap { UnitRecord($0, environments: environments) }
    }
    units = records("units")
    report = records("report")
  }

  /// As the report shows it.
  var shown: Provenance {
    let environments = environments
    let places = Dictionary(
      environments.enumerated().map { ($1, $0 + 1) }, uniquingKeysWith: { first, _ in first })
    func shown(_ unit: UnitRecord) -> Provenance.Unit {
      Provenance.Unit(
        name: unit.name, run: unit.run ?? "", stage: unit.stage, key: unit.key,
        values: unit.values.reduce(0) { $0 + $1.count },
        method: unit.inputs.last { $0.name == "method" }?.value ?? "",
        inputs: unit.inputs.filter { $0.name != "method" }.map {
          Provenance.UnitInput(name: $0.name, value: $0.value)
        },
        environment: unit.origin.flatMap { places[$0.environment] },
        date: unit.origin?.date ?? "",
        seconds: unit.origin?.seconds)
    }
    return Provenance(
      versions: versions.map { Provenance.Version($0.name, $0.version) },
      inputs: inputs.map {
        Provenance.Input(path: $0.path, sha256: $0.sha256, bytes: $0.bytes, commit: $0.commit)
      },
      command: command, host: machine.host, cpu: machine.processor, threads: threads,
      blasKernel: machine.kernel,
      seconds: seconds.map { Provenance.Stage($0.stage, seconds: $0.seconds) }, date: date,
      environments: environments.map {
        Provenance.Environment(
          version: $0.tend, host: $0.machine.host, cpu: $0.machine.processor,
          blas: $0.machine.blas, kernel: $0.machine.kernel, threads: $0.threads, seed: $0.seed)
      },
      units: units.map(shown),
      analysis: report.filter { $0.stage == StudyStage.analysis.rawValue }.map(shown))
  }
}
