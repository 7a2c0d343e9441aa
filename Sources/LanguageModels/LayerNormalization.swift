import LinearAlgebra

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

  /// The same for `rows` rows; `y` may be `x`.
  func apply(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, lanes: Lanes
  ) {
    nonisolated(unsafe) let (x, y) = (x, y)
    lanes.forEachRange(rows, grain: 64) { range in
      for row in range { apply(x + row * width, y + row * width) }
    }
  }

  /// The row's mean and 1 / √(variance + ε), in two passes: the sum of squares alone would lose
  /// everything where the mean is large beside the deviation.
  func moments(_ x: UnsafePointer<Float>) -> (mean: Float, reciprocal: Float) {
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
