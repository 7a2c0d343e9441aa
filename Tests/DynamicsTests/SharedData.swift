import Foundation

@testable import Dynamics

/// The reference data beside the repository; absent on a machine that has the repository alone.
enum SharedData {
  static let reason: String = "../shared (reference data) is not on this machine"

  static let folder: URL? = {
    let named = ProcessInfo.processInfo.environment["TEND_SHARED"].map { URL(filePath: $0) }
    let root = URL(filePath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let beside = root.deletingLastPathComponent().appending(path: "shared")
    return [named, beside].compactMap { $0 }.first {
      FileManager.default.fileExists(atPath: $0.appending(path: "data/mini-suite").path)
    }
  }()

  static var isPresent: Bool { folder != nil }

  static func bytes(_ path: String) throws -> [UInt8] {
    guard let folder else { return [] }
    return [UInt8](try Data(contentsOf: folder.appending(path: "data").appending(path: path)))
  }

  static func table(_ study: String) throws -> MeasurementTable {
    let path = "\(study)/measurements.csv"
    return try MeasurementTable(csv: bytes(path), file: path)
  }

  static let miniSuite = [
    ("nano", 724_352), ("micro", 2_238_464), ("mini", 8_415_744), ("small", 29_414_400),
    ("base", 91_347_456),
  ].map { RunDescription(run: $0.0, parameters: $0.1, group: "ladder") }

  static let paper = [
    ("pythia-70m", 70_426_624), ("pythia-160m", 162_322_944), ("pythia-410m", 405_334_016),
    ("pythia-1.4b", 1_414_647_808), ("pythia-2.8b", 2_775_208_960),
  ].map { RunDescription(run: $0.0, parameters: $0.1) }
}

/// Foundation has another.
typealias Measurement = Dynamics.Measurement
