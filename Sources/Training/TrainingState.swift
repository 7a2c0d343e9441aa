import LanguageModels
import LinearAlgebra

/// A tensor that is trained, with what the optimiser knows of it.
struct TrainedTensor: Sendable, Equatable {
  /// The parameter's name, or that with `leftFactor` or `rightFactor` behind it.
  let name: String
  let shape: [Int]
  /// Row-major.
  var values: [Float]
  /// The running mean of the gradient, and of its square.
  var first: [Float]
  var second: [Float]
  /// Updates that were done before the tensor came about.
  let since: Int

  static let leftFactor = "/left"
  static let rightFactor = "/right"

  init(name: String, shape: [Int], values: [Float], since: Int) {
    self.name = name
    self.shape = shape
    self.values = values
    first = [Float](repeating: 0, count: values.count)
    second = first
    self.since = since
  }

  init(_ matrix: Matrix<Float>, name: String, since: Int) {
    self.init(
      name: name, shape: [matrix.rows, matrix.columns], values: matrix.elements, since: since)
  }

  /// The parameter that tensor `name` is, or is a factor of.
  static func parameter(of name: String) -> String {
    String(name.prefix { $0 != "/" })
  }

  var isMatrix: Bool { shape.count == 2 }

  /// A matrix's values.
  var matrix: Matrix<Float> { Matrix(rows: shape[0], columns: shape[1], elements: values) }
}

/// Everything that a run's future depends on.
struct TrainingState: Sendable, Equatable {
  /// Updates that are done.
  var step: Int
  var tensors: [TrainedTensor]

  /// The parameters' weights as the model reads them; factors are multiplied.
  func weights() -> InMemoryWeights {
    var weights: [String: (shape: [Int], elements: [Float])] = [:]
    weights.reserveCapacity(tensors.count)
    for (index, tensor) in tensors.enumerated() {
      guard tensor.name.hasSuffix(TrainedTensor.leftFactor) else {
        if !tensor.name.hasSuffix(TrainedTensor.rightFactor) {
          weights[tensor.name] = (tensor.shape, tensor.values)
        }
        continue
      }
      let product = tensor.matrix.multiplied(by: tensors[index + 1].matrix)
      weights[TrainedTensor.parameter(of: tensor.name)] = (
        [product.rows, product.columns], product.elements
      )
    }
    return InMemoryWeights(weights)
  }

  /// The gradient of each tensor, in their order, from those of the parameters. For W = L R:
  /// ∂L = ∂W Rᵀ, ∂R = Lᵀ ∂W.
  func tensorGradients(_ gradients: consuming [String: [Float]]) -> [[Float]] {
    tensors.indices.map { index in
      let tensor = tensors[index]
      let parameter = TrainedTensor.parameter(of: tensor.name)
      guard let gradient = gradients[parameter] else {
        preconditionFailure("no gradient of \(parameter)")
      }
      if tensor.name == parameter { return gradient }
      let isLeft = tensor.name.hasSuffix(TrainedTensor.leftFactor)
      let other = tensors[isLeft ? index + 1 : index - 1].matrix
      let full = Matrix(
        rows: isLeft ? tensor.shape[0] : other.rows,
        columns: isLeft ? other.columns : tensor.shape[1], elements: gradient)
      return isLeft
        ? full.multiplied(byTransposeOf: other).elements
        : other.transposeMultiplied(by: full).elements
    }
  }
}
