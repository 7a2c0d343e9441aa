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
  /// call into the runtime library.
  @inline(__always)
  private static func widenedHalves(_ halves: SIMD16<UInt16>) -> SIMD16<UInt32> {
    let bits = SIMD16<UInt32>(truncatingIfNeeded: halves)
    let sign = (bits & 0x8000) &<< 16
    let magnitude = (bits & 0x7FFF) &<< 13
    let exponent = magnitude & 0x0F80_0000
    // Normal numbers: the exponent's bias grows by 112.
    var result = magnitude &+ SIMD16(repeating: 112 << 23)
    // Infinity and NaN: all ones in the exponent.
    result.replace(
      with: magnitude &+ SIMD16(repeating: 224 << 23), where: exponent .== 0x0F80_0000)
    // Zero and subnormal numbers: f · 2⁻²⁴, by letting the FPU normalise 2⁻¹⁴ + f − 2⁻¹⁴.
    let shifted = unsafeBitCast(
      magnitude &+ SIMD16(repeating: 113 << 23), to: SIMD16<Float>.self)
    let subnormal = shifted - SIMD16(repeating: Float(bitPattern: 113 << 23))
    result.replace(with: unsafeBitCast(subnormal, to: SIMD16<UInt32>.self), where: exponent .== 0)
    return result | sign
  }
}
