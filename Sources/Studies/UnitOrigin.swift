import Capture
import Foundation
import LinearAlgebra
import Tensors

/// The machine that a number was computed on.
struct Machine: Sendable, Hashable {
  var host = ""
  var processor = ""
  /// OpenBLAS with its version and options.
  var blas = ""
  /// The kernel that BLAS chose for the processor.
  var kernel = ""

  static func current() -> Machine {
    Machine(
      host: hostName, processor: processorName,
      blas: BLASThreads.configuration, kernel: BLASThreads.kernelName)
  }

  /// As the system was named; nothing is looked up. POSIX: gethostname.
  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Empty where the system does not tell: only Linux does here.
  private static var processorName: String {
    do {
      // A file of /proc has no size of its own: it is read until it ends.
      let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
      return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    } catch {
      return ""
    }
  }
}

/// How an artifact came about: kept in it beside its sections and no part of its key, so that a number
/// that was measured last year on another machine still says so.
struct UnitOrigin: Sendable, Equatable {
  /// What many artifacts have in common.
  struct Environment: Sendable, Hashable {
    var tend = ""
    var machine = Machine()
    var threads = 1
    var seed = ""
  }

  var environment = Environment()
  /// ISO 8601.
  var date = ""
  /// From the beginning of the work to this artifact; one pass may give several.
  var seconds = 0.0
  /// The part of it that no other artifact counts, by stage.
  var stages: [(stage: StudyStage, seconds: Double)] = []

  var bytes: [UInt8] {
    Array(
      JSONText.object([
        ("tend", .text(environment.tend)), ("host", .text(environment.machine.host)),
        ("cpu", .text(environment.machine.processor)), ("blas", .text(environment.machine.blas)),
        ("kernel", .text(environment.machine.kernel)), ("threads", .integer(environment.threads)),
        ("seed", .text(environment.seed)), ("date", .text(date)), ("seconds", .number(seconds)),
        ("stages", .object(stages.map { ($0.stage.rawValue, .number($0.seconds)) })),
      ]).utf8)
  }

  init(environment: Environment, date: String, spent: StageClock.Unit) {
    self.environment = environment
    self.date = date
    seconds = spent.seconds
    stages = spent.stages
  }

  /// What `bytes` wrote; fields of another form keep their defaults.
  init(_ json: JSONValue) {
    environment = Environment(json)
    date = json["date"]?.string ?? ""
    seconds = json["seconds"]?.double ?? 0
    stages = (json["stages"]?.members ?? []).compactMap { member in
      guard let stage = StudyStage(rawValue: member.name), let seconds = member.value.double else {
        return nil
      }
      return (stage, seconds)
    }
  }

  /// What an artifact noted; `nil` where it noted nothing.
  init?(of artifact: Artifact) throws {
    guard let bytes = try artifact.origin() else { return nil }
    self.init(try JSONReader.read(bytes))
  }

  static func == (a: UnitOrigin, b: UnitOrigin) -> Bool { a.bytes == b.bytes }
}

extension UnitOrigin.Environment {
  init(_ json: JSONValue) {
    tend = json["tend"]?.string ?? ""
    machine = Machine(
      host: json["host"]?.string ?? "", processor: json["cpu"]?.string ?? "",
      blas: json["blas"]?.string ?? "", kernel: json["kernel"]?.string ?? "")
    threads = json["threads"]?.integer ?? 1
    seed = json["seed"]?.string ?? ""
  }

  var json: JSONText.Value {
    .object([
      ("tend", .text(tend)), ("host", .text(machine.host)), ("cpu", .text(machine.processor)),
      ("blas", .text(machine.blas)), ("kernel", .text(machine.kernel)),
      ("threads", .integer(threads)), ("seed", .text(seed)),
    ])
  }
}
