import Foundation

/// A labelled place on an axis.
package struct Tick: Sendable, Hashable, Encodable {
  package var value: Double
  package var label: String
}

/// Round values within `domain`, about `count` of them, 1, 2, 2.5 or 5 times a power of ten apart.
func niceStep(_ domain: ClosedRange<Double>, count: Int) -> Double {
  let span = domain.upperBound - domain.lowerBound
  guard span > 0, span.isFinite else { return 1 }
  let rough = span / Double(max(1, count - 1))
  let power = pow(10, floor(Foundation.log10(rough)))
  // The factor whose number of ticks comes closest to the wish; simpler factors first.
  let options = [1, 2, 5, 10, 2.5].flatMap { [$0 * power, $0 * power / 10] }
  func ticks(_ step: Double) -> Int {
    Int(floor(domain.upperBound / step + 1e-9) - ceil(domain.lowerBound / step - 1e-9)) + 1
  }
  let best = options.enumerated().min {
    let (a, b) = (abs(ticks($0.element) - count), abs(ticks($1.element) - count))
    return a == b ? $0.offset < $1.offset : a < b
  }
  return best?.element ?? power
}

func niceValues(_ domain: ClosedRange<Double>, count: Int) -> (values: [Double], step: Double) {
  let step = niceStep(domain, count: count)
  let first = Int(ceil(domain.lowerBound / step - 1e-9))
  let last = Int(floor(domain.upperBound / step + 1e-9))
  guard first <= last, last - first < 100 else { return ([], step) }
  return ((first...last).map { Double($0) * step }, step)
}

/// The decimals that tell multiples of `step` apart.
func decimals(for step: Double) -> Int {
  for d in 0...12 {
    let scaled = step * pow(10, Double(d))
    if abs(scaled - scaled.rounded()) < 1e-6 * scaled { return d }
  }
  return 12
}

/// `domain` widened a little so that it is never empty and its ends do not touch the data.
func padded(_ low: Double, _ high: Double, share: Double, transform: Transform = .linear)
  -> ClosedRange<Double>
{
  guard low.isFinite, high.isFinite else { return 0...1 }
  if low == high {
    let half = low == 0 ? 0.5 : abs(low) * 0.1
    return transform == .log10 ? low / 2...low * 2 : low - half...high + half
  }
  let (a, b) = (transform(low), transform(high))
  guard a.isFinite, b.isFinite, a < b else { return low...high }
  let extra = (b - a) * share
  return transform.inverse(a - extra)...transform.inverse(b + extra)
}

/// Ticks of a continuous axis.
func ticks(_ transform: Transform, _ domain: ClosedRange<Double>, count: Int, format: NumberFormat)
  -> [Tick]
{
  switch transform {
  case .log10:
    let low = Int(ceil(transform(domain.lowerBound) - 1e-9))
    let high = Int(floor(transform(domain.upperBound) + 1e-9))
    guard high - low >= 1 else {
      let within = shortLogTicks(domain, format)
      return within.count > 1 ? within : linearTicks(domain, count, format)
    }
    let stride = max(1, Int((Double(high - low) / Double(max(1, count - 1))).rounded()))
    return Swift.stride(from: low, through: high, by: stride).map { e in
      let value = pow(10, Double(e))
      return Tick(value: value, label: format == .power ? powerOfTen(e) : written(value, format, 0))
    }
  case .symmetricLog(let threshold):
    let reach = max(abs(domain.lowerBound), abs(domain.upperBound))
    let top = pow(10, floor(Foundation.log10(max(reach, threshold))))
    return [-top, 0, top].filter { domain.contains($0) }.map {
      Tick(value: $0, label: written($0, format, decimals(for: top)))
    }
  default:
    return linearTicks(domain, count, format)
  }
}

/// 1, 2 and 5 times powers of ten: on a log axis of less than a decade even steps would crowd at the top.
private func shortLogTicks(_ domain: ClosedRange<Double>, _ format: NumberFormat) -> [Tick] {
  let low = floor(Foundation.log10(domain.lowerBound))
  var ticks: [Tick] = []
  for unit in [pow(10, low), pow(10, low + 1)] {
    for factor in [1.0, 2.0, 5.0] {
      let value: Double = factor * unit
      let isInside =
        value >= domain.lowerBound * (1 - 1e-9) && value <= domain.upperBound * (1 + 1e-9)
      guard isInside else { continue }
      // In the range of plain numbers they are written so.
      let isPlain = format == .power && value >= 1e-3 && value < 1e4
      let places = decimals(for: value)
      ticks.append(
        Tick(
          value: value, label: isPlain ? trimmed(value, places) : written(value, format, places)))
    }
  }
  return ticks
}

private func linearTicks(_ domain: ClosedRange<Double>, _ count: Int, _ format: NumberFormat)
  -> [Tick]
{
  let (values, step) = niceValues(domain, count: count)
  let top = values.map(abs).max() ?? 0
  if format == .plain, top > 0, top < 2e-3 || top >= 1e7 {
    // Learning rates: 2·10⁻⁴ rather than a row of zeros.
    let exponent = Int(floor(Foundation.log10(top) + 1e-9))
    let unit = pow(10, Double(exponent))
    let places = decimals(for: step / unit)
    return values.map {
      Tick(
        value: $0,
        label: $0 == 0 ? "0" : trimmed($0 / unit, places) + "·" + powerOfTen(exponent))
    }
  }
  let places = decimals(for: step)
  return values.map { Tick(value: $0, label: written($0, format, places)) }
}

private func written(_ value: Double, _ format: NumberFormat, _ places: Int) -> String {
  switch format {
  case .plain: places == 0 && abs(value) >= 1e4 ? grouped(value) : trimmed(value, places)
  case .percent: trimmed(value * 100, max(0, places - 2)) + "\u{202f}%"
  case .short: shortNumber(value)
  case .power: shortNumber(value)
  }
}
