package import Dynamics

/// What a study measured: everything that analysis and report are made from.
///
/// Written into `results/` and read back from there: `tend report` works from these files alone.
package struct StudyResults: Sendable {
  /// A value that is not defined, or was left out, and why.
  package struct LeftOut: Sendable, Hashable {
    package let what: String
    package let reason: String
  }

  package struct Probe: Sendable, Equatable {
    package let name: String
    package let sequences: Int
    package let length: Int
    package let sha256: String
  }

  /// A line of a run's training log.
  package struct TrainingRecord: Sendable, Equatable {
    package let run: String
    package let step: Int
    package let loss: Double?
    package let learningRate: Double?
    package let tokens: Double?
  }

  package var table: MeasurementTable
  package var runs: [RunDescription] = []
  package var audit: [AuditFinding] = []
  /// The values of similarity rows on each half of the sequences.
  package var halves: [MeasurementKey: [Double]] = [:]
  package var failures: [FailedUnit] = []
  package var leftOut: [LeftOut] = []
  package var probes: [Probe] = []
  package var trainingLog: [TrainingRecord] = []
  /// Some singular values of each matrix.
  package var spectra: [SpectrumRow] = []
  /// Layers compared with all layers of the reference.
  package var layerSimilarities: [LayerSimilarityRow] = []
}
