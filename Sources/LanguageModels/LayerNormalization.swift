import LinearAlgebra

/// Layer normalisation over the features of each row (Ba et al. 2016), with a scale and a shift; or
/// root-mean-square normalisation (Zhang & Sennrich 2019), which leaves the mean where it is.
struct LayerNormalization: Sendable {
  /// γ, d of them.
  let scale: [Float]
  /// β, d of them.
  let shift: [Float]
  /// Added to the variance, or to the mean square.
  let epsilon: Float
  /// Whether the mean is taken away.
  var isCentred = true

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

  /// The same for `rows` rows that begin `stride` floats apart (their width by default); `y` may be
  /// `x`.
  func apply(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, stride: Int? = nil,
    lanes: Lanes
  ) {
    nonisolated(unsafe) let (x, y) = (x, y)
    let stride = stride ?? width
    lanes.forEachRange(rows, grain: 64) { range in
      for row in range { apply(x + row * stride, y + row * stride) }
    }
  }

  /// The row's mean (0 where it stays) and 1 / √(variance + ε), in two passes: the sum of squares alone would lose
  /// everything where the mean is large beside the deviation.
  func moments(_ x: UnsafePointer<Float>) -> (mean: Float, reciprocal: Float) {
    let mean = isCentred ? VectorMath.sum(x, width) / Float(width) : 0
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
