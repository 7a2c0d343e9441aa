#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The cross-entropy of next-token predictions.
enum CrossEntropy {
  /// ln Σ exp(z) - z[target] of one row of logits, in nats; the sum is kept in double precision.
  static func loss(
    _ logits: UnsafePointer<Float>, count: Int, target: Int
  ) -> Double {
    let (largest, total) = normalizer(logits, count)
    return log(total) + Double(largest) - Double(logits[target])
  }

  /// Replaces a row of logits by the gradient of `scale` times its loss:
  /// scale · (softmax(z) - onehot(target)). Returns the loss.
  static func lossAndGradient(
    _ logits: UnsafeMutablePointer<Float>, count: Int, target: Int, scale: Float
  ) -> Double {
    let (largest, total) = normalizer(logits, count)
    let loss = log(total) + Double(largest) - Double(logits[target])
    let factor = Float(Double(scale) / total)
    VectorMath.map(logits, logits, count) { VectorMath.exp($0 - largest) * factor }
    logits[target] -= scale
    return loss
  }

  /// The largest logit, and Σ exp(z - largest).
  private static func normalizer(
    _ logits: UnsafePointer<Float>, _ count: Int
  ) -> (largest: Float, total: Double) {
    let largest = VectorMath.largest(logits, count)
    var total: Double = 0
    var index = 0
    while index + 8 <= count {
      total += Double(VectorMath.exp(VectorMath.load(logits + index) - largest).sum())
      index += 8
    }
    while index < count {
      total += exp(Double(logits[index] - largest))
      index += 1
    }
    return (largest, total)
  }
}
