package import Markup

/// Answers to a question, drawn by place, shape, word and, last, colour.
package enum Verdict {
  package enum State: String, Sendable, Hashable, CaseIterable {
    case supported
    case contradicted
    case inconclusive
    case notEnoughData = "not_enough_data"

    package var word: String {
      switch self {
      case .supported: "Supported"
      case .contradicted: "Contradicted"
      case .inconclusive: "Inconclusive"
      case .notEnoughData: "Not enough data"
      }
    }

    var styleClass: HTML {
      switch self {
      case .supported: "supported"
      case .contradicted: "contradicted"
      case .inconclusive: "inconclusive"
      case .notEnoughData: "nodata"
      }
    }

    /// What the word means, for the key below a list of answers.
    var meaning: HTML {
      switch self {
      case .supported: "the 95\u{202F}% interval lies on the claimed side of 0"
      case .contradicted: "on the other side"
      case .inconclusive: "it holds 0, or the parts disagree"
      case .notEnoughData: "says what it needs"
      }
    }
  }

  /// Symbol and word. A provisional verdict (one that does not decide) is drawn in outline; a short one,
  /// for tables with a column a claim, shows "Not enough" of "Not enough data".
  package static func mark(
    _ state: State, provisional: Bool = false, short: Bool = false
  ) -> HTML {
    let word: HTML =
      short && state == .notEnoughData
      ? "Not enough<span class=\"sr\"> data</span>" : HTML(escaping: state.word)
    let kind: HTML = provisional ? "v prov" : "v"
    return """
      <span class="\(kind) \(state.styleClass)"><svg viewBox="0 0 16 16" aria-hidden="true">\
      \(shape(state, provisional: provisional))</svg>\(word)</span>
      """
  }

  private static func shape(_ state: State, provisional: Bool) -> HTML {
    switch (state, provisional) {
    case (.supported, false):
      """
      <circle cx="8" cy="8" r="7.25" fill="currentColor"/>\
      <path class="cut" d="M4.5 8.3l2.4 2.4 4.7-5.2" fill="none" stroke-width="1.75"/>
      """
    case (.supported, true):
      """
      <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5"/>\
      <path d="M4.9 8.3l2.1 2.1 4-4.6" fill="none" stroke="currentColor" stroke-width="1.5"/>
      """
    case (.contradicted, false):
      """
      <path d="M1 1h14v14H1z" fill="currentColor"/>\
      <path class="cut" d="M4.75 4.75l6.5 6.5m0-6.5l-6.5 6.5" fill="none" stroke-width="1.75"/>
      """
    case (.contradicted, true):
      """
      <path d="M1.75 1.75h12.5v12.5H1.75z" fill="none" stroke="currentColor" stroke-width="1.5"/>\
      <path d="M5.25 5.25l5.5 5.5m0-5.5l-5.5 5.5" fill="none" stroke="currentColor" stroke-width="1.5"/>
      """
    case (.inconclusive, false):
      """
      <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5"/>\
      <path d="M8 1.5a6.5 6.5 0 0 0 0 13z" fill="currentColor"/>
      """
    case (.inconclusive, true):
      """
      <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5"/>\
      <path d="M8 1.5v13" stroke="currentColor" stroke-width="1.5"/>
      """
    case (.notEnoughData, _):
      """
      <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5" \
      stroke-dasharray="2.6 2.5"/>
      """
    }
  }

  /// What each symbol means.
  static let key: HTML =
    "<p class=\"key\">"
    + State.allCases.map { state in "<span>\(mark(state)) \(state.meaning)</span>" as HTML }
    .joined()
    + "</p>"
}

/// An effect and its interval against zero, without an axis: 108 × 22 px, zero in the middle.
package struct Strip: Sendable, Hashable {
  package enum Side: Sendable, Hashable {
    /// The claim says the effect is above zero: drawn to the right.
    case positive
    /// The claim says it is below: the strip is mirrored, so that "for" is always right.
    case negative
  }

  package var effect: Double
  package var lower: Double
  package var upper: Double
  package var claimed: Side
  /// An open dot: the value does not decide.
  package var open: Bool

  package init(
    effect: Double, lower: Double, upper: Double, claimed: Side = .positive, open: Bool = false
  ) {
    self.effect = effect
    self.lower = lower
    self.upper = upper
    self.claimed = claimed
    self.open = open
  }

  /// Nothing where a number is not finite.
  package var html: HTML {
    guard effect.isFinite, lower.isFinite, upper.isFinite else { return HTML() }
    let largest = max(abs(effect), abs(lower), abs(upper))
    let width = claimed == .positive ? 47.6 : -47.6
    // Divided first: an interval of tiny numbers must not overflow the scale.
    func x(_ value: Double) -> String {
      Coordinate.text(54.5 + (largest > 0 ? value / largest * width : 0))
    }
    let kind: HTML = open ? "dot open" : "dot"
    let label = "Interval \(Format.interval(lower, upper)) against zero"
    return """
      <svg class="strip" width="108" height="22" viewBox="0 0 108 22" role="img" aria-label="\(label)">\
      <path class="zero" d="M54.5 2v18"/>\
      <path class="bar" d="M\(x(lower)) 11H\(x(upper))" stroke-width="1.75"/>\
      <circle class="\(kind)" cx="\(x(effect))" cy="11" r="3.5" stroke-width="1.75"/></svg>
      """
  }
}

/// A curve beside its numbers, 136 × 24 px: values as a line, `lower` to `upper` as a band.
package struct Sparkline: Sendable, Hashable {
  package var values: [Double?]
  package var lower: [Double?]
  package var upper: [Double?]
  package var domain: ClosedRange<Double>
  /// Where a rule stands, as a share of the width.
  package var mark: Double?

  package init(
    values: [Double?], lower: [Double?] = [], upper: [Double?] = [],
    domain: ClosedRange<Double> = 0...1, mark: Double? = nil
  ) {
    self.values = values
    self.lower = lower
    self.upper = upper
    self.domain = domain
    self.mark = mark
  }

  /// Values at even distances; a missing one is a gap.
  package var html: HTML {
    var output: HTML = "<svg class=\"spark\" viewBox=\"0 0 136 24\" aria-hidden=\"true\">"
    if lower.count == values.count, upper.count == values.count {
      let band = band
      if !band.isEmpty { output += "<path class=\"band\" d=\"\(band)\"/>" }
    }
    if let mark, mark.isFinite {
      let x = Coordinate.text(1 + 132 * min(max(mark, 0), 1))
      output += "<path class=\"m\" d=\"M\(x) 0v24\" stroke-width=\"1\" stroke-dasharray=\"2 2\"/>"
    }
    output += "<path class=\"l\" d=\"\(line)\" fill=\"none\" stroke-width=\"1.5\"/></svg>"
    return output
  }

  private func point(_ index: Int, _ value: Double) -> String {
    let x = values.count < 2 ? 67 : 1 + 132 * Double(index) / Double(values.count - 1)
    let span = domain.upperBound - domain.lowerBound
    let share = span > 0 ? (value - domain.lowerBound) / span : 0.5
    return "\(Coordinate.text(x)) \(Coordinate.text(23 - 22 * min(max(share, 0), 1)))"
  }

  private var line: String {
    var path = ""
    var pen = "M"
    for (index, value) in values.enumerated() {
      guard let value, value.isFinite else {
        pen = "M"
        continue
      }
      path += pen + point(index, value)
      pen = "L"
    }
    return path
  }

  private var band: String {
    let indices = values.indices.filter {
      lower[$0]?.isFinite == true && upper[$0]?.isFinite == true
    }
    guard indices.count > 1 else { return "" }
    let above = indices.compactMap { index in upper[index].map { point(index, $0) } }
    let below = indices.reversed().compactMap { index in lower[index].map { point(index, $0) } }
    return "M" + (above + below).joined(separator: "L") + "z"
  }
}

/// Pixel positions in drawings: one decimal.
enum Coordinate {
  static func text(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let digits = tenths.magnitude % 10
    let whole = "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10)"
    return digits == 0 ? whole : "\(whole).\(digits)"
  }
}
