/// The tensors of a file, in the order of their data.
package struct TensorList: RandomAccessCollection, Sendable {
  private enum Content: Sendable {
    case header(SafetensorsTensors)
    /// With the places by the bytes of the names.
    case described([TensorDescription], places: [ArraySlice<UInt8>: Int])
  }

  private let content: Content

  init(_ tensors: SafetensorsTensors) { content = .header(tensors) }

  init(_ tensors: [TensorDescription]) {
    var places: [ArraySlice<UInt8>: Int] = [:]
    for (index, tensor) in tensors.enumerated() { places[Array(tensor.name.utf8)[...]] = index }
    content = .described(tensors, places: places)
  }

  package var startIndex: Int { 0 }

  package var endIndex: Int {
    switch content {
    case .header(let tensors): tensors.count
    case .described(let tensors, _): tensors.count
    }
  }

  /// Of a safetensors file this reads the header's entry: keep what is used twice.
  package subscript(index: Int) -> TensorDescription {
    switch content {
    case .header(let tensors): tensors[index]
    case .described(let tensors, _): tensors[index]
    }
  }

  /// The tensor called `name`, compared byte by byte.
  func tensor(_ name: String) -> TensorDescription? {
    switch content {
    case .header(let tensors): tensors.tensor(name)
    case .described(let tensors, let places): places[Array(name.utf8)[...]].map { tensors[$0] }
    }
  }
}
