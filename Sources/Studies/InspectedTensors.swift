import Tensors

/// The tensors that an inspection found, each described when it is asked for: a file keeps a million of
/// them in little more than its header.
package struct InspectedTensors: RandomAccessCollection, Sendable {
  /// What is known of tensors of one file beside its header.
  private struct Part: Sendable {
    enum Source: Sendable {
      case file(TensorFile, name: String)
      case listed([CheckpointInspection.Tensor])
    }

    let source: Source
    let start: Int
    /// By tensor, where they were asked for.
    var statistics: [TensorStatistics?] = []
    var digests: [String] = []
  }

  private var parts: [Part] = []
  /// Places in the order of the names; nil for that of the parts.
  private var order: [UInt32]?

  package private(set) var endIndex = 0
  package var startIndex: Int { 0 }

  /// Adds those of a file, with what its data say where that was asked for.
  mutating func add(
    _ file: TensorFile, name: String, statistics: [TensorStatistics?], digests: [String]
  ) {
    parts.append(
      Part(
        source: .file(file, name: name), start: endIndex, statistics: statistics,
        digests: digests))
    endIndex += file.tensors.count
  }

  mutating func add(_ tensors: [CheckpointInspection.Tensor]) {
    parts.append(Part(source: .listed(tensors), start: endIndex))
    endIndex += tensors.count
  }

  /// Puts all of them in the order of their names' bytes.
  mutating func sortByName() {
    order = nil
    let names = map(\.name)
    order = (0..<UInt32(endIndex)).sorted {
      names[Int($0)].utf8.lexicographicallyPrecedes(names[Int($1)].utf8)
    }
  }

  package subscript(index: Int) -> CheckpointInspection.Tensor {
    let place = order.map { Int($0[index]) } ?? index
    var (low, high) = (0, parts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if parts[middle].start <= place { low = middle } else { high = middle - 1 }
    }
    let part = parts[low]
    let within = place - part.start
    switch part.source {
    case .listed(let tensors): return tensors[within]
    case .file(let file, let name):
      let tensor = file.tensors[within]
      return CheckpointInspection.Tensor(
        name: tensor.name, type: tensor.typeName, shape: tensor.shape, file: name,
        statistics: part.statistics.isEmpty ? nil : part.statistics[within],
        digest: part.digests.isEmpty ? nil : part.digests[within])
    }
  }
}
