import Dynamics
import Markup

/// A number by name inside a text: `{{at_0.2 nano mlp}}`.
struct InlineValue {
  let context: PageContext

  private static let usage =
    "write {{MEASURE RUN COMPONENT}} with a measure such as at_0.2, settled, area or monotonicity, {{claim C1}}, {{runs}}, {{layers}} or {{measurements}}"

  func answer(_ name: String) -> MarkdownResolver.Answer<HTML> {
    let study = context.study
    let words = name.split(separator: " ").map(String.init)
    switch (words.first, words.count) {
    case ("runs", 1): return .found("\(study.runs.count)")
    case ("layers", 1): return .found("\(study.runs.map(\.layers).reduce(0, +))")
    case ("measurements", 1):
      return .found(HTML(escaping: Words.count(study.input.table.rows.count)))
    case ("claim", 2):
      guard let claim = study.claim(words[1]) else {
        return .unknown(
          reason: "no claim \(words[1]); this study has \(study.claimIDs.joined(separator: ", "))")
      }
      return .found(HTML(escaping: claim.sentence))
    case (let measure?, 3...): return measured(measure, words)
    default: return .unknown(reason: Self.usage)
    }
  }

  private func measured(
    _ measure: String, _ words: [String]
  ) -> MarkdownResolver.Answer<HTML> {
    let study = context.study
    // A run's name may hold spaces: it is what stands between the measure and the component.
    let runName = words.dropFirst().dropLast().joined(separator: " ")
    let component = words.last ?? ""
    guard let run = study.runs.first(where: { $0.name == runName }) else {
      return .unknown(
        reason:
          "no run is called \"\(runName)\"; the runs are \(study.runs.map(\.name).joined(separator: ", "))"
      )
    }
    guard study.components.contains(component) else {
      return .unknown(
        reason:
          "no component \"\(component)\"; there are \(study.components.joined(separator: ", "))"
      )
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
