import LinearAlgebra

/// AdamW (Loshchilov & Hutter 2019) in float32, in the order of operations of PyTorch's.
///
/// Matrices decay, biases and norms don't (Pythia's recipe, Biderman et al. 2023).
struct AdamW: Sendable {
  let optimiser: TrainingRecipe.Optimiser

  /// Updates `tensor` by `gradient`.
  ///
  /// - learningRate: of this update.
  /// - age: updates that the tensor will have had, this one included: the bias of the running means is
  ///   corrected by it.
  func update(
    _ tensor: inout TrainedTensor, gradient: [Float], learningRate: Double, age: Int,
    rule: UpdateRule
  ) {
    switch rule {
    case .adamW(let factor):
      if tensor.isMatrix { decay(&tensor, learningRate: learningRate) }
      step(&tensor, gradient, learningRate: learningRate * factor, age: age)
    case .muon(let factor):
      decay(&tensor, learningRate: learningRate)
      orthogonalStep(&tensor, gradient, learningRate: learningRate * factor)
    }
  }

  private func decay(_ tensor: inout TrainedTensor, learningRate: Double) {
    guard optimiser.weightDecay > 0 else { return }
    Elementwise.scale(
      &tensor.values, by: Float(1 - learningRate * optimiser.weightDecay))
  }

  private func step(
    _ tensor: inout TrainedTensor, _ gradient: [Float], learningRate: Double, age: Int
  ) {
    let (beta1, beta2) = (optimiser.betas[0], optimiser.betas[1])
    let mix = Float(1 - beta1)
    let (keep, square) = (Float(beta2), Float(1 - beta2))
    let size = -Float(learningRate / (1 - power(beta1, age)))
    let root = Float((1 - power(beta2, age)).squareRoot())
    let epsilon = Float(optimiser.epsilon)
    let count = gradient.count
    gradient.withUnsafeBufferPointer { gradient in
      tensor.values.withUnsafeMutableBufferPointer { values in
        tensor.first.withUnsafeMutableBufferPointer { first in
          tensor.second.withUnsafeMutableBufferPointer { second in
            guard let g = gradient.baseAddress, let w = values.baseAddress,
              let m = first.baseAddress, let v = second.baseAddress
            else { return }
            let whole = count / 8 * 8
            for index in stride(from: 0, to: whole, by: 8) {
              let gradient = Elementwise.load(g + index)
              var mean = Elementwise.load(m + index)
              mean += (gradient - mean) * mix
              let variance = Elementwise.load(v + index) * keep + gradient * gradient * square
              let denominator = variance.squareRoot() / root + epsilon
              Elementwise.store(mean, m + index)
              Elementwise.store(variance, v + index)
              Elementwise.store(
                Elementwise.load(w + index) + mean / denominator * size, w + index)
            }
            for index in whole..<count {
              m[index] += (g[index] - m[index]) * mix
              v[index] = v[index] * keep + g[index] * g[index] * square
              w[index] += m[index] / (v[index].squareRoot() / root + epsilon) * size
            }
          }
        }
      }
    }
  }

  private func orthogonalStep(
    _ tensor: inout TrainedTensor, _ gradient: [Float], learningRate: Double
  ) {
    let mix = Float(1 - Muon.momentum)
    Elementwise.combine(mix, gradient, 1 - mix, into: &tensor.first)
    let update = Muon.update(
      gradient: .init(rows: tensor.shape[0], columns: tensor.shape[1], elements: gradient),
      momentum: .init(rows: tensor.shape[0], columns: tensor.shape[1], elements: tensor.first))
    Elementwise.combine(-Float(learningRate), update.elements, 1, into: &tensor.values)
  }

  /// base^exponent by squaring: exactly rounded products alone, the same on every machine.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
