package import LanguageModels

/// Which activations a capture holds.
package struct CaptureSettings: Sendable, Hashable {
  package enum Component: String, Sendable, CaseIterable { case mlp, ov, attention, residual }

  package var components: Set<Component>
  /// OV by head as well.
  package var heads: Bool
  /// OV in the published layout as well.
  package var publishedLayout: Bool
  package var rows: [RowSelection]

  package init(
    components: Set<Component>, heads: Bool, publishedLayout: Bool, rows: [RowSelection]
  ) {
    self.components = components
    self.heads = heads
    self.publishedLayout = publishedLayout
    self.rows = rows
  }

  /// The settings in words, for a unit's key.
  package var words: String {
    let names = Component.allCases.filter(components.contains).map(\.rawValue)
    return
      (names + (heads ? ["heads"] : []) + (publishedLayout ? ["published"] : [])
      + rows.map(\.words)).joined(separator: " ")
  }

  /// The settings that matter where every position is captured, in words.
  package var positionWords: String {
    var whole = self
    whole.rows = []
    whole.heads = false
    return whole.words
  }

  /// What the forward pass has to show.
  package func observation(length: Int) -> Observation {
    var hooks: Set<HookPoint> = []
    for component in components {
      switch component {
      case .mlp: hooks.insert(.mlp)
      case .ov: hooks.formUnion(publishedLayout ? [.value, .publishedValue] : [.value])
      case .attention: hooks.insert(.attention)
      case .residual: hooks.insert(.residual)
      }
    }
    let positions = Set(rows.flatMap { $0.positions(length: length) })
    return Observation(hooks: hooks, positions: positions.sorted())
  }
}

/// Which positions of each sequence are rows of a captured matrix (METHODS section 2).
package enum RowSelection: Sendable, Hashable {
  /// The last position: one row a sequence.
  case last
  /// These positions, ascending, drawn once for a study.
  case sample([Int])

  /// The word of the measurements' column `rows`.
  package var column: String {
    switch self {
    case .last: "last"
    case .sample: "sample"
    }
  }

  package func positions(length: Int) -> [Int] {
    switch self {
    case .last: [length - 1]
    case .sample(let positions): positions
    }
  }

  var words: String {
    switch self {
    case .last: "last"
    case .sample(let positions): "sample(\(positions.map(String.init).joined(separator: ",")))"
    }
  }
}
