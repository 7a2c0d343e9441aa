#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Rotary position embedding on the first `dimensions` features of each head (Su et al. 2021), in
/// GPT-NeoX's form: feature i is paired with i + dimensions / 2.
struct RotaryEmbedding: Sendable {
  let dimensions: Int
  /// cos and sin of position · base^(-2i / dimensions), [length, dimensions / 2].
  private let cosines: [Float]
  private let sines: [Float]

  /// Tables for positions `0..<length`; angles are computed in double precision.
  init(dimensions: Int, base: Double, length: Int) {
    self.dimensions = dimensions
    let half = dimensions / 2
    var cosines: [Float] = []
    var sines: [Float] = []
    cosines.reserveCapacity(length * half)
    sines.reserveCapacity(length * half)
    for position in 0..<length {
      for pair in 0..<half {
        let angle = Double(position) * pow(base, -2 * Double(pair) / Double(dimensions))
        cosines.append(Float(cos(angle)))
        sines.append(Float(sin(angle)))
      }
    }
    self.cosines = cosines
    self.sines = sines
  }

  /// Turns one head's query or key at `position` in place.
  func rotate(_ x: UnsafeMutablePointer<Float>, position: Int) {
    turn(x, position: position, direction: 1)
  }

  /// The transpose of `rotate`, which its gradient needs: a turn the other way.
  func rotateBack(_ x: UnsafeMutablePointer<Float>, position: Int) {
    turn(x, position: position, direction: -1)
  }

  @inline(__always)
  private func turn(_ x: UnsafeMutablePointer<Float>, position: Int, direction: Float) {
    let half = dimensions / 2
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        for pair in 0..<half {
          let c = cosines[position * half + pair]
          let s = direction * sines[position * half + pair]
          let (first, second) = (x[pair], x[pair + half])
          x[pair] = first * c - second * s
          x[pair + half] = second * c + first * s
        }
      }
    }
  }
}
