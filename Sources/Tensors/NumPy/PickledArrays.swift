package import Files

/// A pickled dictionary of names → NumPy arrays, lists of numbers or of NumPy scalars, as the paper's
/// code wrote its results.
///
/// Read by the same restricted pickle reader as PyTorch archives: names of Python things are compared
/// with a closed list, none is looked up.
package struct PickledArrays: Sendable {
  package struct Entry: Sendable, Equatable {
    /// The key; keys of dictionaries inside dictionaries are joined by "/", items of a list of arrays
    /// are numbered.
    package let name: String
    package let shape: [Int]
    /// Row-major.
    package let values: [Double]
  }

  package let path: String
  package let identity: FileIdentity
  /// In the order of the dictionary.
  package let entries: [Entry]

  /// Reads the file at `path`, at most 256 MB.
  package init(_ path: String) throws(TensorError) {
    self.path = path
    let reader = try reading { () throws(FileError) in try FileReader(path) }
    identity = reader.identity
    guard reader.size <= PickleReader.largest else {
      throw .malformed(
        file: path, expected: "a pickle of at most \(PickleReader.largest) bytes",
        found: "\(reader.size)")
    }
    let bytes = try reading { () throws(FileError) in try reader.readAll() }
    let graph: PickleGraph
    do {
      graph = try PickleReader.read(bytes)
    } catch {
      throw .malformed(
        file: path, expected: "\(error.expected) at byte \(error.offset) of the pickle",
        found: error.found)
    }
    var interpreter = NumPyInterpreter(graph: graph, file: path, budget: bytes.count)
    entries = try interpreter.dictionary()
  }

  /// Whether a file that begins with `start` is a pickle of protocol 2 to 5.
  package static func isOne(_ start: [UInt8]) -> Bool {
    start.count >= 2 && start[0] == 0x80 && (2...5).contains(start[1])
  }

  /// The entry called `name`, compared byte by byte.
  package func entry(_ name: String) -> Entry? {
    entries.first { $0.name.utf8.elementsEqual(name.utf8) }
  }
}
