package import Dynamics

/// Everything a report is made of: values only. The same input gives the same bytes; times, hosts and
/// versions come in ``provenance`` and stand on its page alone.
package struct ReportInput: Sendable {
  package var study: StudyDescription
  package var table: MeasurementTable
  package var runs: [RunDescription]
  /// What figures call a run instead of its name; no two alike.
  package var labels: [String: String]
  package var analysis: AnalysisResult
  package var audit: [AuditFinding]
  package var failures: [FailedUnit]
  package var leftOut: [LeftOutQuantity]
  package var probes: [ProbeDescription]
  package var evaluations: [Evaluation]
  /// Some singular values of each matrix.
  package var spectra: [SpectrumRow]
  /// Layers compared with all layers of another checkpoint.
  package var layerSimilarities: [LayerSimilarityRow]
  package var trainingAxis: TrainingAxis
  package var trainingLog: [TrainingRecord]
  package var provenance: Provenance?
  /// The folder with the author's own Markdown pages.
  package var authorPages: String?
  /// A folder whose templates and assets stand in for the built-in ones.
  package var templates: String?

  package init(
    study: StudyDescription, table: MeasurementTable, runs: [RunDescription],
    labels: [String: String] = [:], analysis: AnalysisResult, audit: [AuditFinding] = [],
    failures: [FailedUnit] = [],
    leftOut: [LeftOutQuantity] = [], probes: [ProbeDescription] = [],
    evaluations: [Evaluation] = [], spectra: [SpectrumRow] = [],
    layerSimilarities: [LayerSimilarityRow] = [], trainingAxis: TrainingAxis = .steps,
    trainingLog: [TrainingRecord] = [],
    provenance: Provenance? = nil, authorPages: String? = nil, templates: String? = nil
  ) {
    self.study = study
    self.table = table
    self.runs = runs
    self.labels = labels
    self.analysis = analysis
    self.audit = audit
    self.failures = failures
    self.leftOut = leftOut
    self.probes = probes
    self.evaluations = evaluations
    self.spectra = spectra
    self.layerSimilarities = layerSimilarities
    self.trainingAxis = trainingAxis
    self.trainingLog = trainingLog
    self.provenance = provenance
    self.authorPages = authorPages
    self.templates = templates
  }
}

/// What the axis of training counts.
package enum TrainingAxis: Sendable, Equatable {
  case steps
  /// Tokens seen; nil: as many a step as the training logs say.
  case tokens(perStep: Double?)
}

/// What study.yaml says of the study itself.
package struct StudyDescription: Sendable, Equatable {
  package var name: String
  package var title: String
  package var description: String
  package var authors: [String]
  /// The address where the site will be served.
  package var url: String?
  package var source: StudySource

  /// An empty `title` becomes the name.
  package init(
    name: String, title: String = "", description: String = "", authors: [String] = [],
    url: String? = nil, source: StudySource = .checkpoints
  ) {
    self.name = name
    self.title = title.isEmpty ? name : title
    self.description = description
    self.authors = authors
    self.url = url
    self.source = source
  }
}

/// Where the numbers come from.
package enum StudySource: Sendable, Equatable {
  case checkpoints
  /// A table measured elsewhere, by its path as the study names it.
  case table(String)
}

/// A unit of work that failed while the rest went on.
package struct FailedUnit: Sendable, Equatable {
  package var run: String
  package var step: Int?
  /// One line, as it was printed.
  package var message: String

  package init(run: String, step: Int? = nil, message: String) {
    self.run = run
    self.step = step
    self.message = message
  }
}

/// A quantity that was not measured, and why.
package struct LeftOutQuantity: Sendable, Equatable {
  package var what: String
  package var reason: String

  package init(_ what: String, because reason: String) {
    self.what = what
    self.reason = reason
  }
}

/// A probe: the token sequences that every checkpoint saw.
package struct ProbeDescription: Sendable, Equatable {
  package var name: String
  package var sequences: Int?
  /// Tokens a sequence.
  package var length: Int?
  package var sha256: String?

  package init(name: String, sequences: Int? = nil, length: Int? = nil, sha256: String? = nil) {
    self.name = name
    self.sequences = sequences
    self.length = length
    self.sha256 = sha256
  }
}

/// One line of a run's training log.
package struct TrainingRecord: Sendable, Equatable {
  package var run: String
  package var step: Int
  /// Mean cross-entropy of the batch, in nats.
  package var loss: Double?
  package var learningRate: Double?
  /// Tokens seen up to this step.
  package var tokens: Double?

  package init(
    run: String, step: Int, loss: Double? = nil, learningRate: Double? = nil,
    tokens: Double? = nil
  ) {
    self.run = run
    self.step = step
    self.loss = loss
    self.learningRate = learningRate
    self.tokens = tokens
  }
}
