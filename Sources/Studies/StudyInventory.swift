import Capture
import LanguageModels

/// What of a study's input lies on disk and can be read, as far as headers tell.
struct StudyInventory: Sendable {
  /// A run with its readable checkpoints.
  struct Run: Sendable {
    let study: Study.Run
    /// Ascending by step.
    let checkpoints: [ModelCheckpoint]
    /// What the curves are compared with; perhaps another run's.
    let reference: CheckpointName
    let configuration: ModelConfiguration
    /// Parameters that the study names, or those counted.
    let parameters: Int
    /// Steps that are there and hold another model, by what is different.
    var unlike: [Int: String] = [:]
    /// Steps that are there and cannot be read.
    var unreadable: [Int] = []

    var name: String { study.name }
  }

  var runs: [Run] = []
  /// Runs of which activations, weights and gradients were exported.
  var exported: [ExportedRun] = []
  /// Tokens that a checkpoint has seen, where its name says so.
  var tokens: [CheckpointName: Double] = [:]
  var probes: [Probe] = []
  /// The batches that gradients are taken of, where the study names a file.
  var gradientBatches: GradientBatches?
  /// Those around each checkpoint's step, where it names a data set.
  var stepBatches: [Int: GradientBatches] = [:]
  /// Checkpoints that cannot be measured; the rest goes on.
  var failures: [FailedUnit] = []
  /// What a user should know and what stops nothing.
  var notes: [String] = []
  /// What is measured, after what needs a probe and has none was taken out.
  var objects: [MeasureSettings.Object] = []

  /// What gradients of a checkpoint are taken of, where it is not the probes.
  func gradientBatches(at step: Int) -> GradientBatches? { stepBatches[step] ?? gradientBatches }

  func checkpoint(_ name: CheckpointName) -> ModelCheckpoint? {
    runs.first { $0.name == name.run }?.checkpoints.first { $0.step == name.step }
  }
}

/// A checkpoint as a study names it.
struct CheckpointName: Sendable, Hashable, CustomStringConvertible {
  let run: String
  let step: Int

  var description: String { "\(run)/\(step)" }
}
