/// Elementary functions on eight floats at once, without calls into the C library.
///
/// Written as products and sums (no fused multiply-add, which falls back to a library call on
/// processors built for x86-64's baseline).
enum VectorMath {
  typealias Vector = SIMD8<Float>

  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    // SAFETY: callers pass a pointer with at least eight elements after it.
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    // SAFETY: as for `load`.
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }

  /// x within [low, high]; NaN stays. The library's `clamped` is a call for each vector.
  @inline(__always)
  static func clamp(_ x: Vector, _ low: Float, _ high: Float) -> Vector {
    x.replacing(with: low, where: x .< low).replacing(with: high, where: x .> high)
  }

  /// e^x, relative error below 2e-7; 0 below -87.3 and finite (about 1.6e38) above 88.
  @inline(__always)
  static func exp(_ x: Vector) -> Vector {
    // Cody–Waite reduction x = k ln 2 + r, then the polynomial of Cephes' expf.
    let clamped = clamp(x, -87.336_54, 88)
    // Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits.
    let shifted = clamped * 1.442_695_04 + roundingShift
    let k = shifted - roundingShift
    let r = clamped - k * 0.693_359_375 + k * 2.121_944_4e-4
    var p = Vector(repeating: 1.987_569_15e-4)
    p = p * r + 1.398_199_95e-3
    p = p * r + 8.333_451_9e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 1.666_666_55e-1
    p = p * r + 0.5
    p = p * r * r + r + 1
    let integer =
      unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- Int32(bitPattern: roundingShift.bitPattern)
    let exponent = (integer &+ 127) &<< 23
    let scale = unsafeBitCast(exponent, to: Vector.self)
    return (p * scale).replacing(with: 0, where: x .< -87.336_54)
  }

  private static let roundingShift: Float = 12_582_912

  /// erf(x), absolute error below 5e-7: an odd rational approximation on [-4, 4].
  @inline(__always)
  static func erf(_ x: Vector) -> Vector {
    let t = clamp(x, -4, 4)
    let s = t * t
    var p = Vector(repeating: -2.726_142_26e-10)
    p = p * s + 2.770_681_42e-08
    p = p * s - 2.101_024_02e-06
    p = p * s - 5.692_506_39e-05
    p = p * s - 7.349_906_30e-04
    p = p * s - 2.954_599_81e-03
    p = p * s - 1.609_603_33e-02
    var q = Vector(repeating: -1.456_607_18e-05)
    q = q * s - 2.133_740_55e-04
    q = q * s - 1.682_826_97e-03
    q = q * s - 7.373_329_17e-03
    q = q * s - 1.426_473_91e-02
    return t * p / q
  }

  @inline(__always)
  static func sigmoid(_ x: Vector) -> Vector { 1 / (1 + exp(-x)) }

  @inline(__always)
  static func tanh(_ x: Vector) -> Vector {
    // Written for |x|, where e^{-2|x|} cannot overflow.
    let magnitude = x.replacing(with: -x, where: x .< 0)
    let e = exp(-2 * magnitude)
    let t = (1 - e) / (1 + e)
    return t.replacing(with: -t, where: x .< 0)
  }

  /// Writes `transform` of `count` elements; `output` may be `input`.
  @inline(__always)
  static func map(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ count: Int,
    _ transform: (Vector) -> Vector
  ) {
    var index = 0
    while index + 8 <= count {
      store(transform(load(input + index)), output + index)
      index += 8
    }
    while index < count {
      output[index] = transform(Vector(repeating: input[index]))[0]
      index += 1
    }
  }

  /// The sum of `count` elements, in eight partial sums.
  @inline(__always)
  static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var total = Vector()
    var index = 0
    while index + 8 <= count {
      total += load(x + index)
      index += 8
    }
    var result = total.sum()
    while index < count {
      result += x[index]
      index += 1
    }
    return result
  }

  /// The sum of `transform` of `count` elements, in double precision.
  @inline(__always)
  static func sum(
    _ x: UnsafePointer<Float>, _ count: Int, of transform: (Vector) -> Vector
  ) -> Double {
    var total = SIMD8<Double>.zero
    var index = 0
    while index + 8 <= count {
      total += SIMD8<Double>(transform(load(x + index)))
      index += 8
    }
    var result = total.sum()
    while index < count {
      result += Double(transform(Vector(repeating: x[index]))[0])
      index += 1
    }
    return result
  }

  /// Writes `transform` of `count` elements, `output` may be `input`, and returns their sum in
  /// double precision.
  @inline(__always)
  static func mapSumming(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ count: Int,
    _ transform: (Vector) -> Vector
  ) -> Double {
    var total = SIMD8<Double>.zero
    var index = 0
    while index + 8 <= count {
      let value = transform(load(input + index))
      store(value, output + index)
      total += SIMD8<Double>(value)
      index += 8
    }
    var result = total.sum()
    while index < count {
      output[index] = transform(Vector(repeating: input[index]))[0]
      result += Double(output[index])
      index += 1
    }
    return result
  }

  /// The inner product of `count` elements; products in single, their sum in double precision.
  @inline(__always)
  static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Double {
    var total = SIMD8<Double>.zero
    var index = 0
    while index + 8 <= count {
      total += SIMD8<Double>(load(x + index) * load(y + index))
      index += 8
    }
    var result = total.sum()
    while index < count {
      result += Double(x[index] * y[index])
      index += 1
    }
    return result
  }

  /// y += x for `count` elements.
  @inline(__always)
  static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int) {
    var index = 0
    while index + 8 <= count {
      store(load(y + index) + load(x + index), y + index)
      index += 8
    }
    while index < count {
      y[index] += x[index]
      index += 1
    }
  }

  /// y += x for eight doubles.
  @inline(__always)
  static func add(_ x: SIMD8<Double>, to y: UnsafeMutablePointer<Double>) {
    // SAFETY: callers pass a pointer with at least eight elements after it.
    let raw = UnsafeMutableRawPointer(y)
    raw.storeBytes(of: raw.loadUnaligned(as: SIMD8<Double>.self) + x, as: SIMD8<Double>.self)
  }

  /// Whether no element is NaN or infinite: x - x is 0 for every finite x and NaN otherwise.
  static func allFinite(_ elements: [Float]) -> Bool {
    elements.withUnsafeBufferPointer { elements in
      guard let start = elements.baseAddress else { return true }
      var probe = Vector()
      var index = 0
      while index + 8 <= elements.count {
        let x = load(start + index)
        probe += x - x
        index += 8
      }
      var rest = probe.sum()
      while index < elements.count {
        rest += start[index] - start[index]
        index += 1
      }
      return rest == 0
    }
  }

  /// The largest of `count` elements, -∞ for none.
  @inline(__always)
  static func largest(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var most = Vector(repeating: -.infinity)
    var index = 0
    while index + 8 <= count {
      let next = load(x + index)
      most.replace(with: next, where: next .> most)
      index += 8
    }
    var result = -Float.infinity
    for lane in 0..<8 where most[lane] > result { result = most[lane] }
    while index < count {
      if x[index] > result { result = x[index] }
      index += 1
    }
    return result
  }
}
