import Dynamics
import Markup
import Publishing
import Statistics

/// How the change of the study's own evaluations goes with the layers.
struct EvaluationTable {
  let context: PageContext

  func put(into body: inout PageBody) {
    let all = context.study.input.analysis.evaluationAssociations.filter {
      $0.method == .spearman
    }
    guard !all.isEmpty else { return }
    let combined = all.filter(\.run.isEmpty)
    body.table(
      TableBlock(
        caption:
          "Change of each evaluation between checkpoints with the median over layers at the later one",
        columns: [
          Column("Evaluation", .text), Column("With", .text), Column("Probe", .text),
          Column("ρ"), Column("Interval"), Column("q"), Column("Checkpoints"),
          Column("Runs alike"),
        ],
        rows: combined.map { row in
          [
            .text(row.evaluation), .text(name(row)),
            .text(row.probe.isEmpty ? Words.nothing : row.probe),
            .text(Words.signed(row.estimate, decimals: 2)), .text(interval(row)),
            .shownProbability(row.q), .integer(row.n), .text(alike(row, all)),
          ]
        }, label: "Evaluations against the layers"))
    body.note(
      "Spearman's ρ within runs, combined by random effects; an interval needs four runs. Checkpoints of one run follow each other, so a single run's ρ is a description. Kendall's τ and Pearson's r stand in <code>evaluation_associations.csv</code>."
    )
  }

  private func name(_ row: EvaluationAssociationRow) -> String {
    let what =
      row.object == "activations"
      ? Vocabulary.activation(row.component)
      : "\(Vocabulary.short(row.component)) \(row.object)"
    return "\(Vocabulary.metric(row.metric)), \(what)"
  }

  private func interval(_ row: EvaluationAssociationRow) -> String {
    let text = Words.interval(row.lower, row.upper, decimals: 2)
    return text.isEmpty ? Words.nothing : text
  }

  /// How many runs' own coefficients have the sign of the combined one.
  private func alike(_ row: EvaluationAssociationRow, _ all: [EvaluationAssociationRow]) -> String {
    let own = all.filter {
      !$0.run.isEmpty && $0.evaluation == row.evaluation && $0.component == row.component
        && $0.object == row.object && $0.metric == row.metric && $0.rows == row.rows
        && $0.probe == row.probe
    }
    return "\(own.count { $0.estimate * row.estimate > 0 }) of \(own.count)"
  }
}
