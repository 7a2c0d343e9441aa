/// A generator whose whole sequence is fixed by its seed, on every platform: xoshiro256**
/// (Blackman & Vigna 2021), its 256 bits of state filled by SplitMix64 as its authors advise.
///
/// Period 2^256 − 1. Not for secrets. The standard library's `shuffled(using:)` and
/// `random(in:using:)` may change their algorithms between releases, so draws that results depend
/// on go through `index(below:)`, `uniform()`, `gaussian()` and `permutation(of:)`, whose
/// algorithms are ours.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64
  /// The second half of the last pair of Gaussian draws.
  var spareGaussian: Double?

  /// Any seed is good, 0 included: SplitMix64 never fills four words in a row with zeros.
  package init(seed: UInt64) {
    var mixer = SplitMix64(state: seed)
    s0 = mixer.next()
    s1 = mixer.next()
    s2 = mixer.next()
    s3 = mixer.next()
  }

  /// The state itself, for the tests' comparison with the published reference sequence.
  init(state: (UInt64, UInt64, UInt64, UInt64)) {
    (s0, s1, s2, s3) = state
  }

  /// The next 64 bits, all of them usable.
  package mutating func next() -> UInt64 {
    let result = (s1 &* 5).rotatedLeft(by: 7) &* 9
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = s3.rotatedLeft(by: 45)
    return result
  }
}

/// SplitMix64 (Steele, Lea & Flood 2014): turns one word of seed into a stream of well mixed ones.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension UInt64 {
  fileprivate func rotatedLeft(by count: Int) -> UInt64 {
    (self << UInt64(count)) | (self >> UInt64(64 - count))
  }
}
