import Dispatch
import Files
import Foundation

/// One of Slurm's programs, as PATH finds it.
struct SlurmProgram: Sendable {
  struct Answer: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// What it complained of, in one line.
    var complaint: String {
      let lines = (errors + "\n" + output).split(separator: "\n")
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
      return lines.isEmpty ? "no message" : lines.prefix(4).joined(separator: "; ")
    }
  }

  let name: String

  /// Whether PATH leads to it.
  var isThere: Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }

  /// Runs it without a shell; ends it after `patience` seconds.
  func callAsFunction(_ arguments: [String], patience: Double = 120) throws -> Answer {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    // Files, not pipes: neither side ever waits for the other to read.
    let base = NSTemporaryDirectory() + "tend-slurm-" + UUID().uuidString
    let (output, errors) = (base + ".out", base + ".err")
    defer { for file in [output, errors] { unlink(file) } }
    do {
      for file in [output, errors] { try DurableWrite.write([], to: file) }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
      try process.run()
    } catch {
      throw StudyError.output("\(name) cannot be started: \(error)")
    }
    let end = DispatchWorkItem { process.terminate() }
    DispatchQueue.global().asyncAfter(deadline: .now() + patience, execute: end)
    process.waitUntilExit()
    end.cancel()
    do {
      func text(_ file: String) throws -> String {
        String(decoding: try FileReader(file).readAll(), as: UTF8.self)
      }
      return Answer(
        status: process.terminationReason == .exit ? process.terminationStatus : -1,
        output: try text(output), errors: try text(errors))
    } catch {
      throw StudyError.output("\(name): \(error)")
    }
  }
}

/// What of a cluster's configuration a submission depends on.
struct SlurmLimits: Sendable, Equatable {
  /// MaxArraySize; Slurm's own default where nothing tells.
  var largestArray = 1001
  /// Whether nodes are told what memory they have: else Slurm refuses every job that asks for some.
  var knowsMemory = true

  init() {}

  /// As `scontrol` and `sinfo` say; the usual values where they are not there or do not answer.
  static func current() throws -> SlurmLimits {
    var limits = SlurmLimits()
    let (scontrol, sinfo) = (SlurmProgram(name: "scontrol"), SlurmProgram(name: "sinfo"))
    if scontrol.isThere {
      let answer = try scontrol(["show", "config"], patience: 20)
      if answer.status == 0, let size = largestArray(answer.output) { limits.largestArray = size }
    }
    if sinfo.isThere {
      let answer = try sinfo(["--noheader", "--Node", "--format=%m"], patience: 20)
      // A node that nobody described has one megabyte.
      let sizes = Set(answer.output.split(whereSeparator: \.isWhitespace))
      if answer.status == 0, sizes == ["1"] { limits.knowsMemory = false }
    }
    return limits
  }

  /// The value in what `scontrol show config` prints.
  static func largestArray(_ text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2, parts[0] == "MaxArraySize" {
        return Int(parts[1]).flatMap { $0 >= 0 ? $0 : nil }
      }
    }
    return nil
  }
}
