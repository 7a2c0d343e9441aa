import Dynamics
import Markup

/// A number by name inside a text: `{{at_0.2 nano mlp}}`.
struct InlineValue {
  let context: PageContext

  private static let usage =
    "write {{MEASURE RUN COMPONENT}} with a measure such as at_0.2, settled, area or monotonicity, {{claim C1}}, {{runs}}, {{layers}} or {{measurements}}"

  func answer(_ name: String) -> MarkdownResolver.Answer<HTML> {
    let study = context.study
    let names = Names(
      runs: study.runs.map(\.name), components: study.components, claims: study.claimIDs)
    switch names.value(name) {
    case .found(.runs): return .found("\(study.runs.count)")
    case .found(.layers): return .found("\(study.runs.map(\.layers).reduce(0, +))")
    case .found(.measurements):
      return .found(HTML(escaping: Words.count(study.input.table.rows.count)))
    case .found(.claim(let id)):
      return study.claim(id).map { .found(HTML(escaping: $0.sentence)) }
        ?? .unknown(reason: Self.usage)
    case .found(.measure(let measure, let run, let component)):
      return measured(measure, run, component)
    case .dropped: return .dropped
    case .unknown(let reason): return .unknown(reason: reason)
    }
  }

  private func measured(
    _ measure: String, _ runName: String, _ component: String
  ) -> MarkdownResolver.Answer<HTML> {
    let study = context.study
    guard let run = study.runs.first(where: { $0.name == runName }) else {
      return .unknown(reason: Self.usage)
    }
    let quantity = study.similarityQuantity(component)
    if measure == "settled" {
      guard let share = study.convergence.settledShare(run, quantity) else {
        return .unknown(reason: "no settling is defined for \(runName) and \(component)")
      }
      return .found(HTML(escaping: Words.percent(share.share)))
    }
    guard !study.convergence.layers(run, quantity, measure).isEmpty else {
      return .unknown(reason: Self.usage)
    }
    let median = study.convergence.median(run, quantity, measure)
    return .found(HTML(escaping: median.map { Words.number($0) } ?? "never"))
  }
}

extension InlineValue {
  /// What a text may name, known before anything is measured.
  struct Names: Sendable {
    enum Value: Sendable, Hashable {
      case runs
      case layers
      case measurements
      case claim(String)
      case measure(String, run: String, component: String)
    }

    let runs: [String]
    let components: [String]
    let claims: [String]

    /// What `name` asks for, or why nothing is called so.
    func value(_ name: String) -> MarkdownResolver.Answer<Value> {
      let words = name.split(separator: " ").map(String.init)
      switch (words.first, words.count) {
      case ("runs", 1): return .found(.runs)
      case ("layers", 1): return .found(.layers)
      case ("measurements", 1): return .found(.measurements)
      case ("claim", 2):
        guard claims.contains(words[1]) else {
          return .unknown(
            reason: "no claim \(words[1]); this study has \(claims.joined(separator: ", "))")
        }
        return .found(.claim(words[1]))
      case (let measure?, 3...):
        // A run's name may hold spaces: it is what stands between the measure and the component.
        let run = words.dropFirst().dropLast().joined(separator: " ")
        let component = words.last ?? ""
        guard runs.contains(run) else {
          return .unknown(
            reason: "no run is called \"\(run)\"; the runs are \(runs.joined(separator: ", "))")
        }
        guard components.contains(component) else {
          return .unknown(
            reason:
              "no component \"\(component)\"; there are \(components.joined(separator: ", "))")
        }
        guard measure == "settled" || Measure(rawValue: measure) != nil else {
          return .unknown(reason: InlineValue.usage)
        }
        return .found(.measure(measure, run: run, component: component))
      default: return .unknown(reason: InlineValue.usage)
      }
    }

    /// Whether `name` asks for something, without its value.
    func answer(_ name: String) -> MarkdownResolver.Answer<HTML> {
      switch value(name) {
      case .found: .found("")
      case .dropped: .dropped
      case .unknown(let reason): .unknown(reason: reason)
      }
    }
  }
}
