import Dynamics
import Plotting

/// A name that figures write although their faces lack some of its characters: a box stands for each.
package struct UnwritableName: Sendable, Equatable {
  package enum Kind: String, Sendable { case run, arm, evaluation, probe }

  package let kind: Kind
  /// As the study calls it.
  package let name: String
  /// What figures write instead, where it is this that they cannot.
  package let label: String?
  /// Each once, in their order.
  package let missing: [Character]

  /// `figures show a box for 模 (U+6A21) and 型 (U+578B) in the name of run 模型; …`.
  package var sentence: String {
    let shown = missing.prefix(4).map { "\($0) (\(Self.codes($0)))" }
    let rest = missing.count - shown.count
    let characters = Words.list(
      shown + (rest > 0 ? [Words.counted(rest, "other character")] : []))
    let whose = label.map { "the label \($0) of run \(name)" } ?? "the name of \(kind) \(name)"
    return "figures show a box for \(characters) in \(whose): \(wayOut)"
  }

  private var wayOut: String {
    switch kind {
    case .run where label == nil:
      "their faces have Latin and Greek letters alone; give the run a `label:` that figures write instead"
    case .run: "their faces have Latin and Greek letters alone; give the run another label"
    case .arm, .evaluation, .probe:
      "their faces have Latin and Greek letters alone; give it another name"
    }
  }

  private static func codes(_ character: Character) -> String {
    character.unicodeScalars.map { "U+" + String($0.value, radix: 16, uppercase: true) }
      .joined(separator: " ")
  }
}

/// Looks for names that figures cannot write.
package struct FigureNames {
  private let fonts: FontSet

  package init() throws { fonts = try FigureDrawing.faces() }

  /// The names among those given that lack characters, in their order; runs with the label that
  /// figures write, if they have one.
  package func unwritable(
    runs: [(name: String, label: String?)], others: [(kind: UnwritableName.Kind, name: String)]
  ) -> [UnwritableName] {
    let all =
      runs.map { (kind: UnwritableName.Kind.run, name: $0.name, label: $0.label) }
      + others.map { (kind: $0.kind, name: $0.name, label: nil) }
    return all.compactMap { kind, name, label in
      let missing = fonts.missing(in: label ?? name)
      return missing.isEmpty
        ? nil : UnwritableName(kind: kind, name: name, label: label, missing: missing)
    }
  }

  /// Those that the figures of a report write.
  func unwritable(in study: StudyView) -> [UnwritableName] {
    func sorted(_ names: some Sequence<String>) -> [String] {
      Set(names).subtracting([""]).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    return unwritable(
      runs: study.runs.map { ($0.name, study.input.labels[$0.name]) },
      others: sorted(study.runs.map(\.arm)).map { (.arm, $0) }
        + sorted(study.input.evaluations.map(\.name)).map { (.evaluation, $0) }
        + study.probes.map { (.probe, $0) })
  }
}

extension [UnwritableName] {
  /// One sentence each, up to ten, and how many more there are.
  package var notes: [String] {
    let shown = prefix(10).map(\.sentence)
    return count > 10
      ? shown + ["figures show boxes in \(Words.counted(count - 10, "other name")) too"] : shown
  }
}
