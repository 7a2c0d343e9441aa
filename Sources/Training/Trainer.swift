import Files
import LanguageModels
package import LinearAlgebra
import Tensors

/// Trains a run from its recipe, or goes on where it stopped.
package struct Trainer {
  /// What happens while a run is trained.
  package enum Event: Sendable, Equatable {
    /// The run begins after so many updates.
    case started(run: String, step: Int, of: Int, parameters: Int)
    /// An update was made; `tokensPerSecond` since the run began or went on.
    case updated(run: String, step: Int, of: Int, loss: Double, tokensPerSecond: Double)
    case validated(run: String, step: Int, loss: Double)
    case checkpoint(run: String, step: Int)
    case note(String)
  }

  /// A trained run.
  package struct Result: Sendable, Equatable {
    package let checkpoints: String
    package let validationLoss: Double?
    package let unigramEntropy: Double
    /// Updates that this call made; 0 where all were there.
    package let updates: Int
  }

  private let recipe: TrainingRecipe
  private let lanes: Lanes
  private let events: @Sendable (Event) -> Void
  /// Seconds after which the state is kept between checkpoints.
  private let stateInterval: Double

  package init(
    _ recipe: TrainingRecipe, lanes: Lanes, stateInterval: Double = 20,
    events: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    self.recipe = recipe
    self.lanes = lanes
    self.stateInterval = stateInterval
    self.events = events
    // Threads come in through lanes; a pool inside BLAS as well would oversubscribe the cores.
    BLASThreads.set(1)
  }

  /// Trains until all steps are done.
  ///
  /// - Throws: `TrainingError`; `LanguageModelError` and `LinearAlgebraError` for what diverges.
  package func run() throws -> Result {
    if let finished = try finished() { return finished }
    let corpus = try TrainingCorpus(recipe.data, length: recipe.batch.length)
    for note in corpus.notes { events(.note("\(recipe.name): \(note)")) }
    let start = try StartingPoint(recipe, vocabulary: corpus.vocabulary)
    var run = try TrainedRun(recipe, corpus, start, lanes: lanes)
    let first = try run.begin()
    let parameters = start.parameters.reduce(0) { $0 + $1.count }
    events(
      .started(run: recipe.name, step: run.step, of: recipe.steps, parameters: parameters))
    if run.isNew { try save(&run) }
    let clock = ContinuousClock()
    let begun = clock.now
    var kept = begun
    while run.step < recipe.steps {
      let (loss, _) = try run.update()
      let seconds = (clock.now - begun).seconds
      let tokens = Double((run.step - first) * recipe.batch.tokens)
      events(
        .updated(
          run: recipe.name, step: run.step, of: recipe.steps, loss: loss,
          tokensPerSecond: tokens / max(seconds, 1e-9)))
      if run.isCheckpoint || (clock.now - kept).seconds > stateInterval {
        try save(&run)
        kept = clock.now
      }
    }
    return Result(
      checkpoints: recipe.output, validationLoss: run.lastValidationLoss,
      unigramEntropy: corpus.unigramEntropy, updates: run.step - first)
  }

  /// The result of a run that is there, all of it, without reading its data.
  package func finished() throws -> Result? {
    let file = StateFile(folder: recipe.output, recipe: try recipe.words())
    guard let header = try file.header(), header.step == recipe.steps,
      recipe.hasCheckpoints(upTo: recipe.steps)
    else { return nil }
    var log = LossLog(folder: recipe.output)
    try log.resume(at: recipe.steps)
    return Result(
      checkpoints: recipe.output, validationLoss: log.lastValidationLoss,
      unigramEntropy: header.unigramEntropy, updates: 0)
  }

  private func save(_ run: inout TrainedRun) throws {
    if run.isCheckpoint {
      if let loss = try run.validate() {
        events(.validated(run: recipe.name, step: run.step, loss: loss))
      }
      try run.writeCheckpoint()
      events(.checkpoint(run: recipe.name, step: run.step))
    }
    try run.keep()
  }
}

extension Duration {
  var seconds: Double {
    let (whole, rest) = components
    return Double(whole) + Double(rest) * 1e-18
  }
}
