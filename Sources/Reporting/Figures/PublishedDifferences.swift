import Plotting
import Publishing

/// What the published code's choices change on this study's own data: the layout of the fused
/// projection, the truncated spectra.
struct PublishedDifferences {
  enum Choice: String, CaseIterable, Sendable {
    /// CKA of OV with the last third of the fused projection taken for the value.
    case layout
    /// PER of the MLP's weights over the first d_h singular values only.
    case truncation
  }

  let choice: Choice

  var id: String { "published-" + choice.rawValue }

  var title: String {
    choice == .layout ? "OV in the published layout" : "PER from truncated spectra"
  }

  func build(_ study: StudyView) -> FigureOutcome {
    let names = ["as defined", "as published"]
    var rows = FigureRows("run", "version", "step", "median", "layers")
    var panels: [Panel] = []
    var columns: [StepTable.Series] = []
    var grids: [LayerGrid] = []
    for run in study.runs {
      guard let defined = grid(study, run, published: false),
        let published = grid(study, run, published: true)
      else { continue }
      var marks: [Mark] = []
      if choice == .layout,
        let band = study.chanceBand(run, "ov", label: panels.isEmpty ? "chance, 95 %" : "")
      {
        marks.append(band)
      }
      for (grid, name) in zip([defined, published], names) {
        let summaries = grid.summaries(includingFinal: choice == .truncation)
        guard !summaries.isEmpty else { continue }
        grids.append(grid.beforeFinal())
        marks.append(
          .line(
            x: summaries.map { Double($0.step) }, y: summaries.map(\.median), series: name,
            rows: summaries.map { summary in
              rows.add(
                .text(run.name), .text(name), .integer(summary.step), .number(summary.median),
                .integer(summary.count))
            }))
        columns.append(
          StepTable.Series(
            name: name, group: run.name,
            values: MedianCurves.medians(grid, includingFinal: choice == .truncation)))
      }
      if !marks.isEmpty {
        panels.append(
          Panel(run.label, detail: run.detail, marks: marks, schedule: study.schedule(run)))
      }
    }
    guard !panels.isEmpty else {
      return .absent(
        id, title,
        needs:
          "both versions in the table\(study.probes.count > 1 && choice == .layout ? " on probe \(study.headline.probe)" : "") (`variants: [published]`)"
      )
    }
    let change = difference(study)
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: change.finding,
        caption: [
          choice == .layout
            ? "Median over layers of \(Vocabulary.metricInSentence(study.headline.estimator)) of the OV activation, from the de-interleaved values and from the last third of the fused projection."
            : "Median over layers of the PER of the MLP weights, over all singular values and over the first d_h only.",
          change.sentence, choice == .layout ? study.chanceSentence(["ov"]) : "",
          study.scheduleSentence,
        ],
        alt: [
          "Line plots over training steps, two lines a panel, one panel for each of \(Words.counted(panels.count, "run")).",
          change.sentence,
        ], rows: rows,
        table: StepTable.medians(caption: "Medians over layers", label: title, columns: columns)
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: choice == .layout
            ? study.withSampleSize(
              "Median over layers of \(Vocabulary.metricInSentence(study.headline.estimator))")
            : "Median over layers of proportional effective rank",
          x: study.trainingAxis(.log2),
          y: choice == .layout
            ? .linear(study.similarityDomain(grids)) : .linear().within(Vocabulary.range("per")),
          series: .categorical(names), panels: panels)
      })
  }

  private func grid(_ study: StudyView, _ run: RunView, published: Bool) -> LayerGrid? {
    switch choice {
    case .layout:
      study.grid(
        run,
        .similarity(
          study.headline.estimator, of: "ov",
          variant: published ? "published_layout" : "default", rows: study.headline.rows,
          probe: study.headline.probe))
    case .truncation:
      study.grid(
        run,
        Quantity(
          component: "mlp", object: "weights", metric: "per",
          variant: published ? "published_truncation" : "default"))
    }
  }

  /// The largest change between the two medians, with its place.
  func difference(_ study: StudyView) -> (finding: String, sentence: String) {
    var best: (change: Double, run: String, step: Int, from: Double, to: Double)?
    for run in study.runs {
      guard let defined = grid(study, run, published: false),
        let published = grid(study, run, published: true)
      else { continue }
      let ours = MedianCurves.medians(defined, includingFinal: choice == .truncation)
      let theirs = MedianCurves.medians(published, includingFinal: choice == .truncation)
      for step in ours.keys.sorted() {
        guard let a = ours[step], let b = theirs[step] else { continue }
        if abs(b - a) > best.map({ abs($0.change) }) ?? -1 {
          best = (b - a, run.label, step, a, b)
        }
      }
    }
    guard let best else { return (title, "") }
    let verb = best.change > 0 ? "lifts" : "lowers"
    let what = choice == .layout ? "the median CKA of OV" : "the median PER of the MLP weights"
    return (
      "\(choice == .layout ? "The published layout" : "Truncation") \(verb) \(what) by up to \(Words.number(abs(best.change)))",
      "The largest change is from \(Words.number(best.from)) to \(Words.number(best.to)) (\(best.run), step \(Words.count(best.step)))."
    )
  }
}
