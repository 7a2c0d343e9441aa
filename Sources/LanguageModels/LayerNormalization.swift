/// Layer normalisation over the features of each row (Ba et al. 2016), with a scale and a shift.
struct LayerNormalization: Sendable {
  /// γ, d of them.
  let scale: [Float]
  /// β, d of them.
  let shift: [Float]
  /// Added to the variance.
  let epsilon: Float

  var width: Int { scale.count }

  /// y = (x - mean) / √(variance + ε) · γ + β for one row; the variance divides by d.
  func apply(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    let (mean, reciprocal) = moments(x)
    scale.withUnsafeBufferPointer { scale in
      shift.withUnsafeBufferPointer { shift in
        for index in 0..<width {
          y[index] = (x[index] - mean) * reciprocal * scale[index] + shift[index]
        }
      }
    }
  }

  /// Adds to `dx` the gradient of a row's input, given `dy` of its output:
  /// r (g - mean(g) - x̂ mean(g x̂)) with g = dy γ, x̂ = (x - mean) r, r = 1 / √(variance + ε).
  ///
  /// Adds dy x̂ to `dScale` and dy to `dShift` in double precision.
  func addGradients(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>,
    dScale: UnsafeMutablePointer<Double>, dShift: UnsafeMutablePointer<Double>
  ) {
    let (mean, reciprocal) = moments(x)
    scale.withUnsafeBufferPointer { scale in
      var sum: Double = 0
      var projection: Double = 0
      for index in 0..<width {
        let normalised = (x[index] - mean) * reciprocal
        let g = dy[index] * scale[index]
        sum += Double(g)
        projection += Double(g * normalised)
        dScale[index] += Double(dy[index] * normalised)
        dShift[index] += Double(dy[index])
      }
      let meanOfG = Float(sum / Double(width))
      let meanOfProjection = Float(projection / Double(width))
      for index in 0..<width {
        let normalised = (x[index] - mean) * reciprocal
        dx[index] +=
          reciprocal * (dy[index] * scale[index] - meanOfG - normalised * meanOfProjection)
      }
    }
  }

  /// The row's mean and 1 / √(variance + ε), in two passes: the sum of squares alone would lose
  /// everything where the mean is large beside the deviation.
  private func moments(_ x: UnsafePointer<Float>) -> (mean: Float, reciprocal: Float) {
    let mean = VectorMath.sum(x, width) / Float(width)
    var squares = VectorMath.Vector()
    var index = 0
    while index + 8 <= width {
      let deviation = VectorMath.load(x + index) - mean
      squares += deviation * deviation
      index += 8
    }
    var variance = squares.sum()
    while index < width {
      variance += (x[index] - mean) * (x[index] - mean)
      index += 1
    }
    return (mean, 1 / (variance / Float(width) + epsilon).squareRoot())
  }
}
