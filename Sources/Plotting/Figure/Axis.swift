/// How values become positions along one axis, and how that is written.
package struct Axis: Sendable, Hashable, Encodable {
  package enum Kind: Sendable, Hashable, Encodable {
    case continuous(Transform)
    /// Each value that occurs has its own band, all of one width, in rising order.
    case even
    /// Bands with names: values are indices into them.
    case ordinal([String])
  }

  package enum Ticks: Sendable, Hashable, Encodable {
    case automatic
    /// The values that occur, thinned out as training steps are.
    case steps
    /// Exactly these, dropped from the end where they would touch.
    case at([Tick])
    /// Only the first and the last band.
    case ends
  }

  /// Which panels have one domain: all, those of a row or a column, those that name the same set, each its own.
  package enum Sharing: Sendable, Hashable, Encodable {
    case all, rows, columns, none
    case set(String)
  }

  package enum Spacing: Sendable, Hashable, Encodable {
    /// log₂(1 + t): curves.
    case log2
    /// Checkpoints side by side: boxes and heatmaps.
    case even
    /// In proportion to the steps.
    case linear
  }

  package var kind: Kind
  /// What the axis covers at least; data beyond it widen it.
  package var domain: ClosedRange<Double>?
  /// What values of the quantity can be: the air around the data ends there. Data beyond it are shown all the same.
  package var limits: ClosedRange<Double>?
  package var title: String
  package var ticks: Ticks = .automatic
  package var format: NumberFormat = .plain
  package var sharing: Sharing = .all
  /// Labels show the value times this: 2,097,152 tokens a step.
  package var factor: Double = 1

  package static func linear(
    _ domain: ClosedRange<Double>? = nil, title: String = "", format: NumberFormat = .plain,
    sharing: Sharing = .all
  ) -> Axis {
    Axis(
      kind: .continuous(.linear), domain: domain, title: title, format: format, sharing: sharing)
  }

  package static func log10(
    _ domain: ClosedRange<Double>? = nil, title: String = "", format: NumberFormat = .power,
    sharing: Sharing = .all
  ) -> Axis {
    Axis(kind: .continuous(.log10), domain: domain, title: title, format: format, sharing: sharing)
  }

  package static func sqrt(
    _ domain: ClosedRange<Double>? = nil, title: String = "", sharing: Sharing = .all
  ) -> Axis {
    Axis(kind: .continuous(.squareRoot), domain: domain, title: title, sharing: sharing)
  }

  package static func symlog(
    threshold: Double, _ domain: ClosedRange<Double>? = nil, title: String = "",
    sharing: Sharing = .all
  ) -> Axis {
    Axis(
      kind: .continuous(.symmetricLog(threshold: threshold)), domain: domain, title: title,
      sharing: sharing)
  }

  /// Training steps. The usual title names the spacing, since it is not the plain one.
  package static func steps(
    _ spacing: Spacing, title: String? = nil, sharing: Sharing = .all
  ) -> Axis {
    tokens(perStep: 1, spacing, title: title ?? "Training step" + suffix(spacing), sharing: sharing)
  }

  /// Training steps, labelled by the tokens seen.
  package static func tokens(
    perStep: Double, _ spacing: Spacing, title: String? = nil, sharing: Sharing = .all
  ) -> Axis {
    let kind: Kind =
      switch spacing {
      case .log2: .continuous(.log2)
      case .linear: .continuous(.linear)
      case .even: .even
      }
    return Axis(
      kind: kind, domain: nil, title: title ?? "Training tokens" + suffix(spacing), ticks: .steps,
      format: .short, sharing: sharing, factor: perStep)
  }

  private static func suffix(_ spacing: Spacing) -> String {
    switch spacing {
    case .log2: ", log₂(1 + t)"
    case .even: ", checkpoints evenly spaced"
    case .linear: ""
    }
  }

  /// Named bands; values are indices into `names`.
  package static func ordinal(_ names: [String], title: String = "") -> Axis {
    Axis(kind: .ordinal(names), domain: nil, title: title)
  }

  /// Rows of a heatmap, the input at the bottom, only the ends labelled.
  package static func layers(title: String = "", sharing: Sharing = .none) -> Axis {
    Axis(kind: .even, domain: nil, title: title, ticks: .ends, format: .short, sharing: sharing)
  }

  /// Ticks exactly at `values`, labelled as given: model sizes by name.
  package static func values(
    _ values: [(Double, String)], on transform: Transform, title: String = "",
    sharing: Sharing = .all
  ) -> Axis {
    Axis(
      kind: .continuous(transform), domain: nil, title: title,
      ticks: .at(values.map { Tick(value: $0.0, label: $0.1) }), sharing: sharing)
  }

  /// The labels that were given with their values.
  var givenLabels: Set<String>? {
    if case .at(let ticks) = ticks { Set(ticks.map(\.label)) } else { nil }
  }

  /// With words that can be drawn.
  var printed: Axis {
    var copy = self
    copy.title = printable(title)
    if case .at(let ticks) = ticks {
      copy.ticks = .at(ticks.map { Tick(value: $0.value, label: printable($0.label)) })
    }
    return copy
  }

  package func within(_ limits: ClosedRange<Double>?) -> Axis {
    var copy = self
    copy.limits = limits
    return copy
  }

  package func titled(_ title: String) -> Axis {
    var copy = self
    copy.title = title
    return copy
  }
}
