/// Where a model's weights come from: a checkpoint on disk, or tensors in memory.
///
/// A model asks for one tensor at a time and lets it go after its layer, so that memory does not
/// grow with the number of layers.
package protocol WeightSource: Sendable {
  /// The shape of tensor `name`, or `nil` where there is none. Reads no data.
  func shape(of name: String) -> [Int]?

  /// All elements of tensor `name` in row-major order.
  func floats(_ name: String) throws -> [Float]
}

/// Tensors in memory.
package struct InMemoryWeights: WeightSource {
  package var tensors: [String: (shape: [Int], elements: [Float])]

  package init(_ tensors: [String: (shape: [Int], elements: [Float])]) { self.tensors = tensors }

  package func shape(of name: String) -> [Int]? { tensors[name]?.shape }

  package func floats(_ name: String) throws -> [Float] {
    guard let tensor = tensors[name] else { throw LanguageModelError.missingTensor(name) }
    return tensor.elements
  }
}
