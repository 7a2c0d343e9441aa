import Files

/// Writes safetensors files of 32-bit floats, with the bytes that the reference library gives for the
/// same order of tensors: a header padded to a multiple of eight, then the data without gaps.
package struct SafetensorsWriter: Sendable {
  package struct Tensor: Sendable {
    package let name: String
    package let shape: [Int]
    /// Row-major.
    package let elements: [Float]

    package init(name: String, shape: [Int], elements: [Float]) {
      precondition(
        elements.count == shape.reduce(1, *), "\(elements.count) elements for \(name) \(shape)")
      self.name = name
      self.shape = shape
      self.elements = elements
    }
  }

  /// The file that holds `tensors` in this order; the names differ.
  package static func file(_ tensors: [Tensor], metadata: [String: String] = [:]) -> [UInt8] {
    var header = "{"
    if !metadata.isEmpty {
      let members = metadata.sorted { $0.key < $1.key }.map {
        "\(JSONString.quoted($0.key)):\(JSONString.quoted($0.value))"
      }
      header += "\"__metadata__\":{\(members.joined(separator: ","))}"
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + 4 * tensor.elements.count
      if header.count > 1 { header += "," }
      header +=
        "\(JSONString.quoted(tensor.name)):{\"dtype\":\"F32\",\"shape\":["
        + tensor.shape.map(String.init).joined(separator: ",")
        + "],\"data_offsets\":[\(offset),\(end)]}"
      offset = end
    }
    header += "}"
    let text = Array(header.utf8)
    let length = (text.count + 7) / 8 * 8
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + length + offset)
    withUnsafeBytes(of: UInt64(length).littleEndian) { bytes += $0 }
    bytes += text
    bytes += [UInt8](repeating: 0x20, count: length - text.count)
    for tensor in tensors {
      // Every platform that Swift runs on is little-endian, as the format is.
      tensor.elements.withUnsafeBytes { bytes += $0 }
    }
    return bytes
  }
}
