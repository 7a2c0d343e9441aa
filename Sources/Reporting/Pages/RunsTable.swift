import Markup
import Publishing

/// The runs of a study with their medians as sparklines.
struct RunsTable {
  let context: PageContext

  func table() -> TableBlock {
    let study = context.study
    let components = study.mainComponents
    var columns = [Column("Run", .text), Column("Parameters"), Column("Layers")]
    for component in components {
      let group = Vocabulary.activation(component)
      columns += [
        Column("CKA", .text, group: group), Column("at 20\u{202F}%", group: group),
        Column("settled", group: group), Column("never", group: group),
      ]
    }
    let rows = study.runs.map { run -> [Cell] in
      var cells: [Cell] = [
        .link(context.map.run(run), run.name),
        run.parameters.map { .integer($0) } ?? .none, .integer(run.layers),
      ]
      for component in components {
        let quantity = study.similarityQuantity(component)
        cells.append(sparkline(run, component))
        cells.append(.number(study.convergence.median(run, quantity, "at_0.2"), decimals: 2))
        cells.append(.percent(study.convergence.settledShare(run, quantity)?.share))
        cells.append(
          study.convergence.never(run, quantity).map { .integer($0.0) } ?? .none)
      }
      return cells
    }
    return TableBlock(columns: columns, rows: rows, label: "Runs")
  }

  private func sparkline(_ run: RunView, _ component: String) -> Cell {
    guard let grid = context.study.similarity(run, component) else { return .none }
    let summaries = grid.summaries(includingFinal: false)
    guard summaries.count > 1 else { return .none }
    let limit = 0.2 * Double(run.finalStep)
    let before = summaries.count { Double($0.step) <= limit }
    let mark = Double(before) / Double(summaries.count)
    return .html(
      Sparkline(
        values: summaries.map(\.median), lower: summaries.map(\.lowerQuartile),
        upper: summaries.map(\.upperQuartile), domain: 0...1, mark: mark
      ).html, sort: summaries.last?.median)
  }
}
