import Files
import Foundation
import LanguageModels
import LinearAlgebra
import Synchronization
package import Training

/// Trains runs and tells how far they are, as a stage of a study or as a command of its own.
package struct RunTraining: Sendable {
  private let threads: Int
  private let events: @Sendable (StudyEvent) -> Void

  package init(threads: Int, events: @escaping @Sendable (StudyEvent) -> Void) {
    self.threads = threads
    self.events = events
  }

  /// Trains each recipe's run, or what is missing of it.
  ///
  /// - Throws: `StudyError.output` for the first that cannot be trained; those before it are there.
  package func train(_ recipes: [TrainingRecipe]) throws {
    let clock = ContinuousClock()
    let begun = clock.now
    events(.stageStarted(.training, units: recipes.count, done: 0))
    for (index, recipe) in recipes.enumerated() {
      let (number, count) = (index + 1, recipes.count)
      events(.unitStarted(.training, unit: recipe.name, index: number, of: count))
      let start = clock.now
      do {
        let result = try Trainer(recipe, lanes: Lanes(width: threads), events: tell).run()
        if let note = Self.note(recipe, result) { events(.note(note)) }
        try TrainingSummary(recipe, result).write()
      } catch let error as FileError {
        throw StudyError.output("\(error)")
      } catch {
        throw StudyError.output("\(recipe.name): \(error)")
      }
      events(
        .unitFinished(
          .training, unit: recipe.name, index: number, of: count,
          seconds: Self.seconds(clock.now - start)))
    }
    events(.stageFinished(.training, seconds: Self.seconds(clock.now - begun)))
  }

  private func tell(_ event: Trainer.Event) {
    switch event {
    case .started(let run, let step, let count, _):
      if step > 0, step < count { events(.note("\(run): goes on after step \(step)")) }
    case .updated(_, let step, let count, let loss, let rate):
      events(.progress(Self.words(step, count, loss, rate)))
    case .validated(let run, let step, let loss):
      events(.detail("\(run), step \(step): validation loss \(Self.rounded(loss))"))
    case .checkpoint(let run, let step): events(.detail("\(run): checkpoint of step \(step)"))
    case .note(let text): events(.note(text))
    }
  }

  /// A bar, the step, the loss, tokens a second and the time left.
  private static func words(_ step: Int, _ count: Int, _ loss: Double, _ rate: Double) -> String {
    let filled = step * 20 / max(1, count)
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 20 - filled)
    return "[\(bar)] step \(step) of \(count), loss \(rounded(loss)), \(Int(rate)) tokens/s"
  }

  private static func note(_ recipe: TrainingRecipe, _ result: Trainer.Result) -> String? {
    guard let loss = result.validationLoss else { return nil }
    let reused = result.updates == 0 ? ", there from before" : ""
    return "\(recipe.name): validation loss \(rounded(loss)), unigram entropy "
      + "\(rounded(result.unigramEntropy)) nats\(reused)"
  }

  private static func rounded(_ value: Double) -> String { String(format: "%.3f", value) }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}

/// `training.json` beside a trained run's checkpoints: what it learnt, for the report.
struct TrainingSummary: Sendable, Equatable {
  static let file = "training.json"

  let path: String
  let validationLoss: Double?
  /// Nats.
  let unigramEntropy: Double
  /// One line each.
  let interventions: [String]
  let tokens: Int

  init(_ recipe: TrainingRecipe, _ result: Trainer.Result) {
    path = recipe.output + "/" + Self.file
    validationLoss = result.validationLoss
    unigramEntropy = result.unigramEntropy
    interventions = recipe.interventions.map { intervention in
      let layers = intervention.layers.map { ", layers \($0.lowerBound) to \($0.upperBound)" } ?? ""
      return "\(intervention.kind.rawValue), strength \(intervention.strength)\(layers)"
        + (intervention.start > 0 ? ", from step \(intervention.start)" : "")
    }
    tokens = recipe.steps * recipe.batch.tokens
  }

  func write() throws {
    let text = JSONText.document(
      .object([
        ("validation_loss", validationLoss.map { .number($0) } ?? .null),
        ("unigram_entropy", .number(unigramEntropy)),
        ("interventions", .list(interventions.map { .text($0) })), ("tokens", .integer(tokens)),
      ]))
    try DurableWrite.writeIfChanged(Array(text.utf8), to: path)
  }
}
