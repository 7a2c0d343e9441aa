import Files

/// The tensors of a PyTorch zip archive (`torch.save` since 1.6): a pickle that describes them and a
/// record of raw bytes for each storage.
///
/// Format: torch/csrc/jit/serialization and torch/serialization.py.
enum TorchArchive {
  /// What an archive holds.
  struct Content {
    let tensors: [TensorDescription]
    /// Python names of what was not built.
    let foreignObjects: [String]
    /// What stands beside the state dictionary and is not read, in words.
    let unread: String?
  }

  /// The tensors of the state dictionary in `reader`, described; reads the pickle, no storages.
  static func content(
    of archive: ZipArchive, _ reader: FileReader
  ) throws(TensorError) -> Content {
    func malformed(_ expected: String, _ found: String) -> TensorError {
      .malformed(file: reader.path, expected: expected, found: found)
    }
    guard let prefix = archive.entries.first?.name.split(separator: "/").first else {
      throw malformed("a PyTorch archive", "an archive without entries")
    }
    var records: [String: ZipArchive.Entry] = [:]
    for entry in archive.entries {
      guard entry.name.hasPrefix(prefix + "/") else {
        throw malformed(
          "all entries below \(TensorError.quoted(String(prefix)))", TensorError.quoted(entry.name))
      }
      records[String(entry.name.dropFirst(prefix.count + 1))] = entry
    }
    guard records["constants.pkl"] == nil else {
      throw malformed(
        "a state dictionary",
        "a TorchScript program; save its weights with torch.save(module.state_dict(), …)")
    }
    try archive.checkStored(reader)
    guard let pickle = records["data.pkl"] else {
      throw malformed("a PyTorch archive", "a zip archive without data.pkl")
    }
    if let order = records["byteorder"] {
      let text = try content(of: order, reader, largest: 16)
      guard text == Array("little".utf8) else {
        throw malformed(
          "little-endian storages",
          "the byte order \(TensorError.quoted(String(decoding: text, as: UTF8.self)))")
      }
    }
    let graph: PickleGraph
    do {
      graph = try PickleReader.read(
        try content(of: pickle, reader, largest: PickleReader.largest))
    } catch let finding as PickleReader.Finding {
      throw malformed(
        "\(finding.expected) at byte \(finding.offset) of data.pkl", finding.found)
    } catch let error as TensorError {
      throw error
    } catch {
      preconditionFailure("an error of an unknown kind: \(error)")
    }
    var interpreter = TorchInterpreter(graph: graph, records: records, file: reader.path)
    let tensors = try interpreter.stateDictionary()
    return Content(
      tensors: tensors, foreignObjects: interpreter.foreignObjects, unread: interpreter.unread)
  }

  private static func content(
    of entry: ZipArchive.Entry, _ reader: FileReader, largest: Int
  ) throws(TensorError) -> [UInt8] {
    guard entry.bytes.count <= largest else {
      throw .malformed(
        file: reader.path,
        expected: "at most \(largest) bytes of \(TensorError.quoted(entry.name))",
        found: "\(entry.bytes.count)")
    }
    let bytes = try reading { () throws(FileError) in
      try reader.read(at: entry.bytes.lowerBound, count: entry.bytes.count)
    }
    if let checksum = entry.checksum, Deflate.checksum(of: bytes) != checksum {
      throw .malformed(
        file: reader.path, expected: "\(TensorError.quoted(entry.name)) with its checksum",
        found: "other content; the file is damaged, fetch it again")
    }
    return bytes
  }
}
