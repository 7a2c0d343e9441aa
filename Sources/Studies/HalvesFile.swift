import Dynamics
import Files
import Tensors

/// `results/halves.npy`: the values of similarity rows on each random half of the sequences, from
/// which the intervals of convergence measures come.
///
/// A float32 array [k, 1 + halves]: the row's number in measurements.csv, counted from 0 below the
/// header, split into two columns of 2^20 each so that it is exact, then its values; NaN where one is
/// not defined.
enum HalvesFile {
  private static let base = 1 << 20

  static func bytes(_ results: StudyResults) -> [UInt8] {
    var values: [Float] = []
    var count = 0
    let width = results.halves.values.map(\.count).max() ?? 0
    for (index, row) in results.table.rows.enumerated() {
      guard let halves = results.halves[row.key] else { continue }
      values += [Float(index / base), Float(index % base)]
      values += halves.map(Float.init)
      values += [Float](repeating: .nan, count: width - halves.count)
      count += 1
    }
    return NumPyArray.float32(values, shape: [count, width + 2])
  }

  static func read(
    _ path: String, table: MeasurementTable
  ) throws -> [MeasurementKey: [Double]] {
    let file = try NumPyFile(path)
    guard file.shape.count == 2, file.shape[1] >= 2 else {
      throw TensorError.malformed(
        file: path, expected: "a table of halves", found: "shape \(file.shape)")
    }
    let (count, width) = (file.shape[0], file.shape[1])
    let values = try file.doubles()
    var halves: [MeasurementKey: [Double]] = [:]
    for line in 0..<count {
      let start = line * width
      let (high, low) = (values[start], values[start + 1])
      guard (0..<Double(base)).contains(high), (0..<Double(base)).contains(low),
        Int(high) * base + Int(low) < table.rows.count
      else {
        throw TensorError.malformed(
          file: path, expected: "rows of measurements.csv", found: "row \(high), \(low)")
      }
      halves[table.rows[Int(high) * base + Int(low)].key] =
        Array(values[start + 2..<start + width])
    }
    return halves
  }
}

/// NumPy's .npy format, version 1, for writing (numpy.lib.format).
enum NumPyArray {
  static func float32(_ values: [Float], shape: [Int]) -> [UInt8] {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
    let axes = shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(axes)), }"
    // Data start at a multiple of 64 bytes, after a line break.
    let padding = 63 - (10 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes += [UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)]
    bytes += Array(header.utf8)
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    return bytes
  }
}
