import Dynamics

/// Every figure that a study can have, and for those that it lacks what they would need.
struct FigureCatalogue: Sendable {
  let drawn: [ReportFigure]
  let absent: [AbsentFigure]
  private let places: [String: Int]

  init(_ study: StudyView) {
    var drawn: [ReportFigure] = []
    var absent: [AbsentFigure] = []
    var places: [String: Int] = [:]
    for outcome in Self.outcomes(study) {
      switch outcome {
      case .drawn(let figure):
        guard places[figure.id] == nil else { continue }
        places[figure.id] = drawn.count
        drawn.append(figure)
      case .absent(let figure): absent.append(figure)
      }
    }
    self.drawn = drawn
    self.absent = absent
    self.places = places
  }

  subscript(id: String) -> ReportFigure? { places[id].map { drawn[$0] } }

  private static func outcomes(_ study: StudyView) -> [FigureOutcome] {
    var outcomes = [
      SimilarityBySize.build(study),
      SimilarityHeatmap.ofStudy(study).build(study),
      MedianCurves.result(study),
      MedianCurves.similarity(study),
      EstimatorComparison.build(study),
      SettlingFigures.byDepth(study),
      SettlingFigures.byThreshold(study),
      RankHeatmap.ofStudy(study, object: "weights").build(study),
      RankHeatmap.ofStudy(study, object: "gradients").build(study),
      RankAgainstArea.build(study),
      MeasureAgreement.build(study),
      RatesOfChange.build(study),
      PublishedDifferences(choice: .layout).build(study),
      PublishedDifferences(choice: .truncation).build(study),
      TrainingFigures.loss(study),
      TrainingFigures.evaluations(study),
      AuditFigure.build(study),
    ]
    if study.input.spectra.isEmpty { outcomes.append(SpectraFigure.absent()) }
    if study.input.layerSimilarities.isEmpty { outcomes.append(LayerSimilarityFigure.absent()) }
    for metric in measures(study) {
      outcomes.append(MedianCurves.metric(metric, study))
    }
    for component in study.components {
      outcomes.append(ComponentFigure(component: component).build(study))
    }
    for run in study.runs {
      let curves = LayerCurves(run: run)
      outcomes += [
        curves.similarity(study), SimilarityHeatmap.of(run, study).build(study),
        curves.rank(study), HeadRank(run: run, object: "weights").build(study),
        HeadRank(run: run, object: "gradients").build(study),
      ]
      if !study.input.spectra.isEmpty { outcomes.append(SpectraFigure(run: run).build(study)) }
      if !study.input.layerSimilarities.isEmpty {
        outcomes.append(LayerSimilarityFigure.of(run, study).build())
      }
    }
    for claim in study.input.analysis.claims {
      outcomes.append(ClaimFigure(claim: claim).build(study))
    }
    return outcomes
  }

  /// The metrics that have a page of their own, in a fixed order.
  static func measures(_ study: StudyView) -> [String] {
    (Vocabulary.similarities + Vocabulary.matrixMetrics).filter {
      study.hasMetric($0) || study.hasHeads($0, object: "weights")
        || study.hasHeads($0, object: "gradients")
    }
  }
}
