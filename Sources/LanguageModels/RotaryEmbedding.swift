#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Tables of rotary position embedding (Su et al. 2021), and the turning of heads by them.
struct RotaryEmbedding: Sendable {
  let dimensions: Int
  private let pairsNeighbours: Bool
  /// cos and sin of position · frequency, [length, dimensions / 2].
  private let cosines: [Float]
  private let sines: [Float]

  /// Tables for positions `0..<length`; angles are computed in double precision.
  init(_ rotary: Rotary, length: Int) {
    dimensions = rotary.dimensions
    pairsNeighbours = rotary.pairsNeighbours
    let frequencies = rotary.frequencies(length: length)
    let factor = rotary.magnitude
    var cosines: [Float] = []
    var sines: [Float] = []
    cosines.reserveCapacity(length * frequencies.count)
    sines.reserveCapacity(length * frequencies.count)
    for position in 0..<length {
      for frequency in frequencies {
        let angle = Double(position) * frequency
        cosines.append(Float(factor * cos(angle)))
        sines.append(Float(factor * sin(angle)))
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
    let (step, distance) = pairsNeighbours ? (2, 1) : (1, half)
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        for pair in 0..<half {
          let c = cosines[position * half + pair]
          let s = direction * sines[position * half + pair]
          let (first, second) = (x[pair * step], x[pair * step + distance])
          x[pair * step] = first * c - second * s
          x[pair * step + distance] = second * c + first * s
        }
      }
    }
  }
}

extension Rotary {
  /// What cosines and sines are multiplied by.
  var magnitude: Double {
    if case .yarn(_, let attention, _, _) = scaling { attention } else { 1 }
  }

  /// Radians that each pair turns by from one position to the next, for sequences of `length`
  /// tokens; [dimensions / 2]. The formulas of transformers 5 (modeling_rope_utils.py).
  func frequencies(length: Int) -> [Double] {
    let width = Double(dimensions)
    func plain(_ base: Double) -> [Double] {
      (0..<dimensions / 2).map { pow(base, -2 * Double($0) / width) }
    }
    switch scaling {
    case .none: return plain(base)
    case .linear(let factor): return plain(base).map { $0 / factor }
    case .dynamic(let factor, let context):
      let stretch = factor * Double(max(length, context)) / Double(context) - (factor - 1)
      return plain(base * pow(stretch, width / (width - 2)))
    case .llama3(let factor, let low, let high, let context):
      return plain(base).map { frequency in
        let wavelength = 2 * Double.pi / frequency
        if wavelength < Double(context) / high { return frequency }
        if wavelength > Double(context) / low { return frequency / factor }
        let smooth = (Double(context) / wavelength - low) / (high - low)
        return (1 - smooth) * frequency / factor + smooth * frequency
      }
    case .yarn(let factor, _, let from, let to):
      let end = from == to ? to + 0.001 : to
      return plain(base).enumerated().map { pair, frequency in
        let ramp = min(1, max(0, (Double(pair) - from) / (end - from)))
        return frequency / factor * ramp + frequency * (1 - ramp)
      }
    }
  }
}
