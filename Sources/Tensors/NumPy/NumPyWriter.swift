/// Writes arrays of whole numbers in NumPy's .npy format, version 1.
package enum NumPyWriter {
  /// The file of an int32 array, row-major; the values fit.
  package static func file(_ values: [Int32], shape: [Int]) -> [UInt8] {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for \(shape)")
    let dimensions = shape.map { "\($0)," }.joined(separator: " ")
    var header =
      "{'descr': '<i4', 'fortran_order': False, 'shape': (\(dimensions)), }"
    // Magic, version and length take ten bytes; the data begins at a multiple of 64.
    let padding = 63 - (10 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) { bytes += $0 }
    bytes += Array(header.utf8)
    values.withUnsafeBytes { bytes += $0 }
    return bytes
  }
}
