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
    let largest = VectorMath.largest(logits, count)
    let targetLogit = Double(logits[target])
    let total = VectorMath.mapSumming(logits, logits, count) { VectorMath.exp($0 - largest) }
    let factor = Float(Double(scale) / total)
    VectorMath.map(logits, logits, count) { $0 * factor }
    logits[target] -= scale
    return log(total) + Double(largest) - targetLogit
  }

  /// The largest logit, and Σ exp(z - largest).
  private static func normalizer(
    _ logits: UnsafePointer<Float>, _ count: Int
  ) -> (largest: Float, total: Double) {
    let largest = VectorMath.largest(logits, count)
    return (largest, VectorMath.sum(logits, count) { VectorMath.exp($0 - largest) })
  }
}
