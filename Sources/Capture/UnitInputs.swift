import Files

/// What kind of work an artifact is the result of.
package enum UnitKind: String, Sendable, CaseIterable {
  /// Activations of one checkpoint on one probe, and the loss.
  case capture
  /// Spectra of one checkpoint's weights.
  case weights
  /// Spectra of one checkpoint's gradients on one set of batches.
  case gradients
  /// Similarity of two checkpoints' captures.
  case similarity
  /// How far the weights of two checkpoints lie apart.
  case change
  /// Activations of one checkpoint at every position of a probe.
  case positions
  /// Similarity of two checkpoints over every position.
  case streamed
  /// What the audit of a run's checkpoints found.
  case audit
  /// How far each matrix of two checkpoints lies apart: what the audit needs of weights that are
  /// removed.
  case lineage
  /// What the analysis of a study's tables found.
  case analysis
  /// A drawn figure with all its files.
  case figure

  /// What is made from the tables of a study, and not from its checkpoints.
  package var isOfReport: Bool { self == .analysis || self == .figure }

  /// Raised whenever the unit's numbers change for equal inputs: old artifacts are then stale.
  package var methodVersion: Int {
    switch self {
    // 2: some singular values beside what is computed from them; all matrices are audited.
    case .weights, .gradients: 2
    // 3: of all explanations the smallest; exchanged steps are told from strangers.
    case .audit: 3
    case .capture, .similarity, .change, .positions, .streamed, .lineage, .analysis, .figure: 1
    }
  }
}

/// Everything that a unit's result depends on, by name: contents, settings, method version.
///
/// Names of runs and steps, paths and times are no inputs: two checkpoints with the same content
/// share their artifacts, and a renamed run keeps them.
package struct UnitInputs: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package let kind: UnitKind
  /// In the order in which they were named; the method version stands last.
  package let entries: [Entry]

  package init(_ kind: UnitKind, _ entries: KeyValuePairs<String, String>) {
    self.init(kind, entries: entries.map { Entry(name: $0.key, value: $0.value) })
  }

  package init(_ kind: UnitKind, entries: [Entry]) {
    self.kind = kind
    self.entries = entries + [Entry(name: "method", value: String(kind.methodVersion))]
  }

  init(kind: UnitKind, storedEntries: [Entry]) {
    self.kind = kind
    entries = storedEntries
  }

  /// The SHA-256 of kind, names and values, each with its length, so that no two inputs collide.
  package var key: ArtifactKey {
    var encoder = ByteEncoder()
    encoder.append(kind.rawValue)
    for entry in entries {
      encoder.append(entry.name)
      encoder.append(entry.value)
    }
    return ArtifactKey(kind: kind, hex: SHA256Digest(of: encoder.bytes).hex)
  }

  /// The names of the inputs that differ from `older`'s, in order; what a stale unit is told by.
  package func changes(from older: UnitInputs) -> [String] {
    let before = Dictionary(
      older.entries.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    let after = Set(entries.map(\.name))
    return entries.filter { before[$0.name] != $0.value }.map(\.name)
      + older.entries.map(\.name).filter { !after.contains($0) }
  }
}

/// The name of an artifact in the store.
package struct ArtifactKey: Sendable, Hashable, CustomStringConvertible {
  package let kind: UnitKind
  /// 64 lower-case hexadecimal digits.
  package let hex: String

  package var description: String { "\(kind.rawValue)/\(hex)" }

  package init(kind: UnitKind, hex: String) {
    self.kind = kind
    self.hex = hex
  }

  /// What `description` says; `nil` for anything else.
  package init?(_ description: String) {
    let parts = description.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let kind = UnitKind(rawValue: String(parts[0])),
      ArtifactStore.isDigest(String(parts[1]))
    else { return nil }
    self.init(kind: kind, hex: String(parts[1]))
  }
}
