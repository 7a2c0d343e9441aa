import Dynamics
import Plotting
import Publishing

/// What comes with the training itself: losses, the learning rate, the user's own evaluations.
enum TrainingFigures {
  /// Loss on the probe and in training, with the learning rate below.
  static func loss(_ study: StudyView) -> FigureOutcome {
    let id = "loss"
    let title = "Loss and learning rate"
    var rows = FigureRows("run", "quantity", "step", "value")
    var panels: [Panel] = []
    var columns: [StepTable.Series] = []
    var sentences: [String] = []
    for probe in study.probes {
      var marks: [Mark] = []
      for run in study.runs {
        let points = study.model(run, metric: "loss", probe: probe)
        guard let first = points.first, let last = points.last else { continue }
        let places = points.map { point in
          rows.add(
            .text(run.name), .text("loss on probe \(probe)"), .integer(point.step),
            .number(point.value))
        }
        marks.append(
          .line(
            x: points.map { Double($0.step) }, y: points.map(\.value), series: run.label,
            rows: places))
        columns.append(
          StepTable.Series(
            name: run.name, group: "Probe \(probe)",
            values: Dictionary(points.map { ($0.step, $0.value) }, uniquingKeysWith: { a, _ in a }))
        )
        if probe == study.probes.first, first.step < last.step {
          sentences.append("\(run.label) \(Words.number(last.value))")
        }
      }
      if !marks.isEmpty {
        panels.append(
          Panel(
            "Loss on probe \(probe)", y: .linear(sharing: .none).within(Vocabulary.range("loss")),
            marks: marks))
      }
    }
    for (name, value) in [
      ("Training loss", \TrainingRecord.loss), ("Learning rate", \TrainingRecord.learningRate),
    ] {
      var marks: [Mark] = []
      for run in study.runs {
        let records = study.trainingRecords(run).compactMap { record in
          record[keyPath: value].map { (record.step, $0) }
        }
        guard records.count > 1 else { continue }
        let places = records.map { record in
          rows.add(
            .text(run.name), .text(name.lowercased()), .integer(record.0), .number(record.1))
        }
        marks.append(
          .line(
            x: records.map { Double($0.0) }, y: records.map(\.1), series: run.label,
            markers: false, rows: places))
      }
      if !marks.isEmpty {
        panels.append(
          Panel(name, y: .linear(sharing: .none).within(0...(.infinity)), marks: marks))
      }
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "a loss on a probe or a training log")
    }
    let finals =
      sentences.isEmpty
      ? "" : "Loss on the probe at the last checkpoint: \(Words.list(sentences)) nats."
    return .drawn(
      ReportFigure(
        id: id, title: title,
        finding: sentences.isEmpty ? "Training" : "Loss over training",
        caption: [
          "Mean cross-entropy of the next token in nats\(panels.contains { $0.name == "Learning rate" } ? ", and the learning rate: its decay alone makes every run settle near the end" : "").",
          finals,
        ],
        alt: [
          "Line plots over training steps of \(Words.list(panels.map(\.name))) for \(Words.counted(study.runs.count, "run")).",
          finals,
        ], rows: rows,
        table: StepTable.medians(caption: "Loss in nats", label: title, columns: columns)
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: "Loss in nats a token", x: study.trainingAxis(.log2),
          y: .linear(),
          series: study.runSeries, panels: panels)
      })
  }

  /// The user's own evaluations: one panel a name.
  static func evaluations(_ study: StudyView) -> FigureOutcome {
    let id = "evaluations"
    let title = "Evaluations over training"
    let names = Set(study.input.evaluations.map(\.name)).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    var rows = FigureRows("run", "name", "step", "value")
    var panels: [Panel] = []
    var columns: [StepTable.Series] = []
    for name in names {
      var marks: [Mark] = []
      for run in study.runs {
        // At another step there is no checkpoint to join: what is left out is said on the front page.
        let steps = Set(run.steps)
        let points = study.input.evaluations.filter {
          $0.name == name && $0.run == run.name && $0.value.isFinite && steps.contains($0.step)
        }.sorted { $0.step < $1.step }
        guard !points.isEmpty else { continue }
        let places = points.map { point in
          rows.add(.text(run.name), .text(name), .integer(point.step), .number(point.value))
        }
        marks.append(
          .line(
            x: points.map { Double($0.step) }, y: points.map(\.value), series: run.label,
            rows: places))
        columns.append(
          StepTable.Series(
            name: run.name, group: name,
            values: Dictionary(points.map { ($0.step, $0.value) }, uniquingKeysWith: { a, _ in a }))
        )
      }
      if !marks.isEmpty {
        panels.append(
          Panel(
            name, y: .linear(sharing: .none), marks: marks, schedule: study.schedule(study.runs)))
      }
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "an evaluations file (`analysis: evaluations:`)")
    }
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: "The study's own evaluations over training",
        caption: [
          "\(Words.capitalized(Words.spelled(panels.count))) \(panels.count == 1 ? "evaluation" : "evaluations") that the study joined by run and step; each panel has its own scale.",
          study.scheduleSentence,
        ],
        alt: [
          "Line plots over training steps of \(Words.list(panels.map(\.name))) for \(Words.counted(study.runs.count, "run")); \(Words.counted(rows.rows.count, "value"))."
        ], rows: rows,
        table: StepTable.medians(caption: "Evaluations", label: title, columns: columns)
      ) { alt in
        Figure(
          id: id, title: title, description: alt, x: study.trainingAxis(.log2), y: .linear(),
          series: study.runSeries, panels: panels)
      })
  }
}

extension StudyView {
  /// A run's log, thinned to at most 400 lines, the last among them.
  func trainingRecords(_ run: RunView) -> [TrainingRecord] {
    let all = input.trainingLog.filter { $0.run == run.name }.sorted { $0.step < $1.step }
    guard all.count > 400 else { return all }
    return (0..<400).map { all[$0 * (all.count - 1) / 399] }
  }
}
