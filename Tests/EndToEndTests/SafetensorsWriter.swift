import Foundation

/// Writes safetensors files of float32 and int64 tensors.
struct SafetensorsWriter {
  private var members: [String] = []
  private var data: [UInt8] = []
  var metadata: [String: String] = [:]

  mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
    add(name, "F32", shape, values.flatMap { withUnsafeBytes(of: $0, Array.init) })
  }

  mutating func add(_ name: String, shape: [Int], _ values: [Int64]) {
    add(name, "I64", shape, values.flatMap { withUnsafeBytes(of: $0, Array.init) })
  }

  mutating func add(_ name: String, _ type: String, _ shape: [Int], _ bytes: [UInt8]) {
    members.append(
      #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(data.count),\#(data.count + bytes.count)]}"#
    )
    data += bytes
  }

  func write(to file: URL) throws {
    let pairs = metadata.sorted { $0.key < $1.key }.map { #""\#($0.key)":"\#($0.value)""# }
    let all = [#""__metadata__":{\#(pairs.joined(separator: ","))}"#] + members
    let header = Array("{\(all.joined(separator: ","))}".utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init)
    try? FileManager.default.removeItem(at: file)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(length + header + data).write(to: file)
  }
}
