import Files
package import LinearAlgebra

/// Writes the sections of one artifact, one after the other.
package final class ArtifactWriter {
  private let file: TemporaryFile
  private let inputs: UnitInputs
  private let unit: String
  private var sections: [ArtifactIndex.Section] = []

  static let rowsSection = "rows"
  static let originSection = "origin"

  init(folder: String, inputs: UnitInputs, unit: String) throws(CaptureError) {
    file = try CaptureError.storing { () throws(FileError) in try TemporaryFile(in: folder) }
    self.inputs = inputs
    self.unit = unit
  }

  package func add(_ matrix: Matrix<Float>, section name: String) throws {
    try matrix.elements.withUnsafeBytes {
      try add($0, name: name, rows: matrix.rows, columns: matrix.columns)
    }
  }

  /// Bytes of another form.
  package func add(_ bytes: [UInt8], section name: String) throws {
    try bytes.withUnsafeBytes { try add($0, name: name, rows: 0, columns: 0) }
  }

  /// The rows that the unit measured; once.
  package func add(_ rows: [MeasuredRow]) throws {
    try MeasuredRowCoding.encode(rows).withUnsafeBytes {
      try add($0, name: Self.rowsSection, rows: 0, columns: 0)
    }
  }

  private func add(
    _ bytes: UnsafeRawBufferPointer, name: String, rows: Int, columns: Int
  ) throws(CaptureError) {
    precondition(sections.allSatisfy { $0.name != name }, "section \(name) stands here twice")
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    sections.append(
      ArtifactIndex.Section(
        name: name, rows: rows, columns: columns, offset: file.count, count: bytes.count,
        digest: hasher.finalize().bytes))
    try CaptureError.storing { () throws(FileError) in try file.append(bytes) }
  }

  func commit() throws(CaptureError) {
    let index = ArtifactIndex(inputs: inputs, unit: unit, sections: sections)
    try CaptureError.storing { () throws(FileError) in
      try file.append(index.bytes())
      try file.commit(as: inputs.key.hex)
    }
  }
}
