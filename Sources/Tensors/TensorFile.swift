package import Files

/// A file of named tensors, open: described and validated as a whole, its tensors read one by one by
/// pread.
///
/// Safetensors, a PyTorch zip archive or an `.npz`, told apart by content, never by the
/// file's name.
package struct TensorFile: Sendable {
  package enum Format: String, Sendable { case safetensors, torch, npz }

  package let path: String
  package let format: Format
  /// In the order of their data.
  package let tensors: TensorList
  /// The free-form strings of a safetensors header.
  package let metadata: [String: String]
  /// What of a PyTorch archive is no tensor and was not built, by the Python names of its makers.
  package let foreignObjects: [String]
  /// What of a PyTorch archive stands beside its state dictionary and is not read, in words.
  package let unread: String?
  private let reader: FileReader

  /// Most tensors that a file may hold.
  package static let mostTensors = 1_000_000

  /// Opens `path` and checks its description of tensors; reads no data.
  package init(_ path: String) throws(TensorError) {
    let reader = try reading { () throws(FileError) in try FileReader(path) }
    let start = try reading { () throws(FileError) in
      try reader.read(at: 0, count: min(reader.size, ForeignContent.prefixLength))
    }
    if start.starts(with: ZipArchive.signature) {
      let archive = try ZipArchive(reader)
      if NumPyArchive.isOne(archive) {
        format = .npz
        tensors = TensorList(try NumPyArchive.tensors(of: archive, reader))
        foreignObjects = []
        unread = nil
      } else {
        format = .torch
        let content = try TorchArchive.content(of: archive, reader)
        tensors = TensorList(content.tensors)
        foreignObjects = content.foreignObjects
        unread = content.unread
      }
      metadata = [:]
    } else {
      let header: SafetensorsHeader
      do {
        header = try SafetensorsHeader.read(reader)
      } catch {
        // Only now: the length of a sound header may begin with any bytes.
        guard let content = ForeignContent.recognise(start) else { throw error }
        throw .malformed(
          file: path, expected: "a safetensors file or a PyTorch archive", found: content)
      }
      format = .safetensors
      tensors = TensorList(header.tensors)
      metadata = header.metadata
      foreignObjects = []
      unread = nil
    }
    self.path = path
    self.reader = reader
  }

  package var identity: FileIdentity { reader.identity }

  /// The tensor called `name`, compared byte by byte.
  package func tensor(_ name: String) -> TensorDescription? { tensors.tensor(name) }

  /// All elements of tensor `name` as Float, row-major. F16, BF16 and F32 are exact; F64 is rounded.
  package func floats(_ name: String) throws(TensorError) -> [Float] {
    guard let tensor = tensor(name) else { throw .missingTensor(file: path, tensor: name) }
    guard tensor.type.isComputable else {
      throw .unsupportedType(
        file: path, tensor: name, type: tensor.typeName, supported: "F16, BF16, F32, F64")
    }
    if tensor.isPlain {
      let values = try streamed(tensor)
      try reading { () throws(FileError) in try reader.checkUnchanged() }
      return values
    }
    let stored = try contiguousBytes(of: tensor)
    try reading { () throws(FileError) in try reader.checkUnchanged() }
    return [Float](unsafeUninitializedCapacity: tensor.count) { buffer, filled in
      stored.withUnsafeBytes { bytes in
        FloatConversion.convert(
          bytes, tensor.type, into: UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.count]))
      }
      filled = tensor.count
    }
  }

  /// The elements' bytes in row-major order, handed over in pieces.
  package func withBytes(
    of tensor: TensorDescription, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(TensorError) {
    if !tensor.isPlain {
      let stored = try contiguousBytes(of: tensor)
      stored.withUnsafeBytes { body($0) }
      return try reading { () throws(FileError) in try reader.checkUnchanged() }
    }
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(Self.pieceBytes, max(tensor.bytes.count, 1)), alignment: 16)
    defer { piece.deallocate() }
    var offset = tensor.bytes.lowerBound
    while offset < tensor.bytes.upperBound {
      let count = min(piece.count, tensor.bytes.upperBound - offset)
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<count])
      let start = offset
      try reading { () throws(FileError) in try reader.read(at: start, into: part) }
      body(UnsafeRawBufferPointer(part))
      offset += count
    }
    try reading { () throws(FileError) in try reader.checkUnchanged() }
  }

  /// Read at once: small enough to stay in the cache until it is converted.
  private static let pieceBytes = 256 << 10

  /// The elements of a row-major tensor, converted piece by piece as they are read.
  private func streamed(_ tensor: TensorDescription) throws(TensorError) -> [Float] {
    var failure: FileError?
    let values = [Float](unsafeUninitializedCapacity: tensor.count) { buffer, filled in
      do throws(FileError) {
        try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.count]), tensor)
        filled = tensor.count
      } catch {
        failure = error
      }
    }
    if let failure { throw .file(failure) }
    return values
  }

  private func fill(
    _ target: UnsafeMutableBufferPointer<Float>, _ tensor: TensorDescription
  ) throws(FileError) {
    if tensor.type == .float32 {
      try reader.read(at: tensor.bytes.lowerBound, into: UnsafeMutableRawBufferPointer(target))
      return
    }
    let size = tensor.type.bits / 8
    let perPiece = Self.pieceBytes / size
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(perPiece, max(tensor.count, 1)) * size, alignment: 16)
    defer { piece.deallocate() }
    for first in stride(from: 0, to: tensor.count, by: perPiece) {
      let count = min(perPiece, tensor.count - first)
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<(count * size)])
      try reader.read(at: tensor.bytes.lowerBound + first * size, into: part)
      FloatConversion.convert(
        UnsafeRawBufferPointer(part), tensor.type,
        into: UnsafeMutableBufferPointer(rebasing: target[first..<first + count]))
    }
  }

  /// The bytes of the file that hold the tensor, checked where the archive has a checksum.
  private func checkedBytes(of tensor: TensorDescription) throws(TensorError) -> [UInt8] {
    if let deflated = tensor.deflated { return Array(try deflated.content(reader)[tensor.bytes]) }
    let range = tensor.checksum?.bytes ?? tensor.bytes
    let stored = try reading { () throws(FileError) in
      try reader.read(at: range.lowerBound, count: range.count)
    }
    guard let checksum = tensor.checksum else { return stored }
    let found = Deflate.checksum(of: stored)
    guard found == checksum.value else {
      throw .malformedTensor(
        file: path, tensor: tensor.name,
        expected: "data with the checksum \(String(checksum.value, radix: 16))",
        found: "\(String(found, radix: 16)); the file is damaged, fetch it again")
    }
    if range == tensor.bytes { return stored }
    let start = tensor.bytes.lowerBound - range.lowerBound
    return Array(stored[start..<start + tensor.bytes.count])
  }

  /// The elements' bytes in row-major order, gathered by strides.
  private func contiguousBytes(of tensor: TensorDescription) throws(TensorError) -> [UInt8] {
    let stored = try checkedBytes(of: tensor)
    guard let strides = tensor.strides else { return stored }
    return StridedElements(shape: tensor.shape, strides: strides, size: tensor.type.bits / 8)
      .gathered(from: stored)
  }
}
