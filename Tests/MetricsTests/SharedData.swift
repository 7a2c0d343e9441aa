import Foundation
import LinearAlgebra

/// The reference data beside the repository; tests that need it are skipped where it is absent.
enum SharedData {
  static var root: URL {
    if let path = ProcessInfo.processInfo.environment["TEND_SHARED"] {
      return URL(fileURLWithPath: path)
    }
    // Tests/MetricsTests/SharedData.swift → the repository, and the folder beside it.
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")
  }

  static var miniPythia: URL { root.appendingPathComponent("data/mini-pythia") }

  static var isPresent: Bool {
    FileManager.default.fileExists(
      atPath: miniPythia.appendingPathComponent("golden").path(percentEncoded: false))
  }

  static func json(_ path: String) throws -> [String: Any] {
    let data = try Data(contentsOf: miniPythia.appendingPathComponent(path))
    guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw CocoaError(.coderInvalidValue)
    }
    return object
  }

  /// The matrices of a safetensors file of trusted origin, float16 and float32 alone.
  static func matrices(_ path: String) throws -> [String: Matrix<Float>] {
    let data = try Data(contentsOf: miniPythia.appendingPathComponent(path))
    let headerLength = data.prefix(8).enumerated().reduce(0) {
      $0 | Int($1.element) << (8 * $1.offset)
    }
    let header = try JSONSerialization.jsonObject(with: data[8..<8 + headerLength])
    var result: [String: Matrix<Float>] = [:]
    for (name, entry) in header as? [String: [String: Any]] ?? [:] {
      guard let shape = entry["shape"] as? [Int], shape.count == 2,
        let offsets = entry["data_offsets"] as? [Int], let dtype = entry["dtype"] as? String
      else { continue }
      let bytes = Data(data[8 + headerLength + offsets[0]..<8 + headerLength + offsets[1]])
      let elements: [Float] = bytes.withUnsafeBytes { raw in
        dtype == "F16"
          ? raw.bindMemory(to: Float16.self).map { Float($0) }
          : Array(raw.bindMemory(to: Float.self))
      }
      result[name] = Matrix(rows: shape[0], columns: shape[1], elements: elements)
    }
    return result
  }
}
