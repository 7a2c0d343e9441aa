import Files
package import LinearAlgebra

/// A stored artifact, opened: its index is verified, each section is when it is read.
package final class Artifact: Sendable {
  package let path: String
  private let reader: FileReader
  private let index: ArtifactIndex
  private let places: [String: Int]

  package var inputs: UnitInputs { index.inputs }
  package var unit: String { index.unit }
  package var sectionNames: [String] { index.sections.map(\.name) }

  /// The sections that are matrices.
  package var matrixNames: [String] { index.sections.filter { $0.columns > 0 }.map(\.name) }

  package init(path: String) throws {
    self.path = path
    reader = try FileReader(path)
    func damaged(_ expected: String) -> CaptureError {
      .damagedArtifact(path: path, expected: expected)
    }
    let trailerSize = ArtifactIndex.trailerSize
    guard reader.size >= trailerSize else { throw damaged("at least \(trailerSize) bytes") }
    let trailer = try reader.read(at: reader.size - trailerSize, count: trailerSize)
    guard Array(trailer.suffix(16)) == ArtifactIndex.mark else { throw damaged("its end mark") }
    var decoder = ByteDecoder(trailer)
    do {
      let stored = try decoder.integer(UInt64.self, "a length")
      guard let length = Int(exactly: stored), length <= ArtifactIndex.largest,
        length <= reader.size - trailerSize
      else { throw damaged("an index within the file") }
      let digest = try decoder.raw(32, "a digest")
      let payload = reader.size - trailerSize - length
      let bytes = try reader.read(at: payload, count: length)
      guard SHA256Digest(of: bytes).bytes == digest else { throw damaged("an intact index") }
      index = try ArtifactIndex(bytes, payload: payload)
    } catch let error as ByteDecoder.Malformed {
      throw damaged(error.expected)
    }
    places = Dictionary(
      index.sections.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Whether the file at `path` ends as an artifact does.
  package static func isOne(_ path: String) throws -> Bool {
    let reader = try FileReader(path)
    let mark = ArtifactIndex.mark
    guard reader.size >= ArtifactIndex.trailerSize else { return false }
    return try reader.read(at: reader.size - mark.count, count: mark.count) == mark
  }

  /// Rows and columns of the matrix in section `name`; empty where there is none.
  package func shape(of name: String) -> [Int] {
    places[name].map { [index.sections[$0].rows, index.sections[$0].columns] } ?? []
  }

  /// The float32 matrix in section `name`, its digest checked.
  package func matrix(_ name: String) throws -> Matrix<Float> {
    let (section, bytes) = try read(name)
    var decoder = ByteDecoder(bytes)
    do {
      return Matrix(
        rows: section.rows, columns: section.columns,
        elements: try decoder.floats(section.rows * section.columns, "a matrix"))
    } catch {
      throw CaptureError.damagedArtifact(path: path, expected: error.expected)
    }
  }

  /// The bytes of section `name`, its digest checked.
  package func bytes(_ name: String) throws -> [UInt8] { try read(name).1 }

  package func rows() throws -> [MeasuredRow] {
    let (_, bytes) = try read(ArtifactWriter.rowsSection)
    do {
      return try MeasuredRowCoding.decode(bytes)
    } catch {
      throw CaptureError.damagedArtifact(path: path, expected: error.expected)
    }
  }

  /// How the artifact came about, as its writer noted it; `nil` where nothing was.
  package func origin() throws -> [UInt8]? {
    places[ArtifactWriter.originSection] == nil ? nil : try read(ArtifactWriter.originSection).1
  }

  /// Checks the digest of every section.
  package func verify() throws {
    for section in index.sections { _ = try read(section.name) }
  }

  /// Checks the digests of the measured rows and of the origin alone.
  package func verifyRows() throws {
    for name in [ArtifactWriter.rowsSection, ArtifactWriter.originSection]
    where places[name] != nil {
      _ = try read(name)
    }
  }

  private func read(_ name: String) throws -> (ArtifactIndex.Section, [UInt8]) {
    guard let place = places[name] else {
      throw CaptureError.missingSection(path: path, section: name)
    }
    let section = index.sections[place]
    let bytes = try reader.read(at: section.offset, count: section.count)
    guard SHA256Digest(of: bytes).bytes == section.digest else {
      throw CaptureError.damagedArtifact(path: path, expected: "an intact section \(name)")
    }
    return (section, bytes)
  }
}
