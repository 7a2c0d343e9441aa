/// cos x for x in [0, π], within 2⁻⁵⁰, by exactly rounded operations alone: a platform's own may differ
/// in its last bit, and a run has to come out the same everywhere.
func cosine(_ x: Double) -> Double {
  // cos x = -cos(π - x), and cos 2y = 1 - 2 sin² y keeps the series short.
  let isFolded = x > .pi / 2
  let half = (isFolded ? .pi - x : x) / 2
  let square = half * half
  // sin y = y Σ (-1)ᵏ y²ᵏ / (2k + 1)!, y ≤ π/4: the term after the tenth is below 1e-20.
  var series = 0.0
  for k in stride(from: 10, through: 1, by: -1) {
    series = -(1 + series) * square / Double(2 * k * (2 * k + 1))
  }
  let sine = half * (1 + series)
  let value = 1 - 2 * sine * sine
  return isFolded ? -value : value
}
