/// The names of the series of a figure, in order, and the kind of colours that tell them apart.
package enum SeriesScale: Sendable, Hashable, Encodable {
  case none
  /// Layers: ordered, warm.
  case depth([String])
  /// Model sizes: ordered, cool.
  case size([String])
  /// Unordered: colours, then markers, then dashes.
  case categorical([String])

  package var names: [String] {
    switch self {
    case .none: []
    case .depth(let names), .size(let names), .categorical(let names): names
    }
  }

  /// Too many ordered series for a word each: their colours stand in the key as a row, the two ends named.
  var isRamp: Bool { isOrdered && names.count > 8 }

  var isOrdered: Bool {
    switch self {
    case .depth, .size: true
    case .none, .categorical: false
    }
  }
}

package enum Marker: Int, Sendable, CaseIterable, Hashable {
  case circle, square, diamond, up, down
}

/// How one series looks.
package struct SeriesStyle: Sendable, Hashable {
  package var colour: RGB
  package var marker: Marker
  /// In units of the line's width; empty: solid.
  package var dash: [Double]
}

extension SeriesScale {
  /// The look of every series. No two of up to 18 unordered ones share colour, marker and dash.
  package func styles(_ theme: Theme) -> [String: SeriesStyle] {
    let dashes: [[Double]] = [[], [3.2, 2], [1, 1.6]]
    let names = self.names
    let colours: [RGB] =
      switch self {
      case .none: []
      case .depth: theme.depth.spread(names.count)
      case .size: theme.size.spread(names.count)
      case .categorical: names.indices.map { theme.categorical.colours[$0 % 6] }
      }
    var result: [String: SeriesStyle] = [:]
    for (i, name) in names.enumerated() {
      result[name] = SeriesStyle(
        colour: colours[i], marker: Marker.allCases[i % Marker.allCases.count],
        dash: isOrdered ? [] : dashes[(i / 6) % dashes.count])
    }
    if isRamp, let last = names.last { result[last]?.marker = .up }
    return result
  }
}

/// From a value to a colour, quantised so that a picture needs few paths.
package struct ColorScale: Sendable, Hashable, Encodable {
  package enum Kind: Sendable, Hashable, Encodable { case sequential, diverging }

  package var kind: Kind
  package var domain: ClosedRange<Double>
  package var title: String
  package var format: NumberFormat = .plain
  package static let levels = 64

  package static func sequential(
    _ domain: ClosedRange<Double>, title: String, format: NumberFormat = .plain
  ) -> ColorScale {
    ColorScale(kind: .sequential, domain: domain, title: title, format: format)
  }

  /// Symmetric about 0; `limit` > 0.
  package static func diverging(_ limit: Double, title: String) -> ColorScale {
    ColorScale(kind: .diverging, domain: -abs(limit)...abs(limit), title: title)
  }

  /// The level of a value; values outside the domain take its ends; nil for a gap.
  func level(_ v: Double) -> Int? {
    guard v.isFinite else { return nil }
    let span = domain.upperBound - domain.lowerBound
    let t = span > 0 ? (v - domain.lowerBound) / span : 0.5
    // An odd number for diverging scales: 0 has its own colour.
    let top = kind == .diverging ? Self.levels - 2 : Self.levels - 1
    return Int((min(1, max(0, t)) * Double(top)).rounded())
  }

  func colour(level: Int, _ theme: Theme) -> RGB {
    switch kind {
    case .sequential: theme.sequential.colour(at: Double(level) / Double(Self.levels - 1))
    case .diverging: theme.diverging.colour(at: Double(level) / Double(Self.levels - 2))
    }
  }
}
