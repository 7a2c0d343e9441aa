/// Conversion of stored elements to Float: exact for F16, BF16 and F32, rounded to nearest for F64.
enum FloatConversion {
  /// Fills `target` from `source`, which holds `target.count` elements of `type`, little-endian.
  static func convert(
    _ source: UnsafeRawBufferPointer, _ type: DataType,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    let count = target.count
    precondition(
      source.count * 8 == count * type.bits, "\(source.count) bytes for \(count) \(type)")
    guard count > 0, let output = target.baseAddress, let input = source.baseAddress else { return }
    switch type {
    case .float32:
      UnsafeMutableRawPointer(output).copyMemory(from: input, byteCount: count * 4)
    case .bfloat16:
      let whole = count / 16 * 16
      for start in stride(from: 0, to: whole, by: 16) {
        let stored = input.loadUnaligned(fromByteOffset: start * 2, as: SIMD16<UInt16>.self)
        let widened = SIMD16<UInt32>(truncatingIfNeeded: stored) &<< 16
        UnsafeMutableRawPointer(output + start).storeBytes(of: widened, as: SIMD16<UInt32>.self)
      }
      for index in whole..<count {
        let stored = input.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
        output[index] = Float(bitPattern: UInt32(stored) << 16)
      }
    case .float16:
      let whole = count / 16 * 16
      for start in stride(from: 0, to: whole, by: 16) {
        let stored = input.loadUnaligned(fromByteOffset: start * 2, as: SIMD16<UInt16>.self)
        UnsafeMutableRawPointer(output + start).storeBytes(
          of: widenedHalves(stored), as: SIMD16<UInt32>.self)
      }
      for index in whole..<count {
        let stored = SIMD16<UInt16>(
          repeating: input.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        output[index] = Float(bitPattern: widenedHalves(stored)[0])
      }
    case .float64:
      for index in 0..<count {
        output[index] = Float(input.loadUnaligned(fromByteOffset: index * 8, as: Double.self))
      }
    default: preconditionFailure("no conversion from \(type)")
    }
  }

  /// The bits of the floats with the values of IEEE half floats, infinities, NaN payloads and
  /// subnormal numbers included.
  ///
  /// In integer arithmetic, since without F16C in the build's baseline each scalar conversion is a
  /// call into the runtime library; with masks made by shifts, since SIMD's own `replace(with:where:)`
  /// goes element by element, 70 times slower.
  @inline(__always)
  private static func widenedHalves(_ halves: SIMD16<UInt16>) -> SIMD16<UInt32> {
    let bits = SIMD16<UInt32>(truncatingIfNeeded: halves)
    let sign = (bits & 0x8000) &<< 16
    let magnitude = (bits & 0x7FFF) &<< 13
    let exponent = unsafeBitCast(magnitude & 0x0F80_0000, to: SIMD16<Int32>.self)
    // All bits set where the exponent is all ones (infinity, NaN), and where it is 0.
    let isTop = unsafeBitCast((0x0F7F_FFFF &- exponent) &>> 31, to: SIMD16<UInt32>.self)
    let isLow = unsafeBitCast((exponent &- 1) &>> 31, to: SIMD16<UInt32>.self)
    // Normal numbers: the exponent's bias grows by 112; all ones stay all ones by growing by 224.
    let normal = magnitude &+ (112 << 23) &+ (isTop & (112 << 23))
    // Zero and subnormal numbers: f · 2⁻²⁴, by letting the FPU normalise 2⁻¹⁴ + f − 2⁻¹⁴.
    let shifted = unsafeBitCast(magnitude &+ (113 << 23), to: SIMD16<Float>.self)
    let subnormal = unsafeBitCast(
      shifted - Float(bitPattern: 113 << 23), to: SIMD16<UInt32>.self)
    return (normal & ~isLow) | (subnormal & isLow) | sign
  }
}
