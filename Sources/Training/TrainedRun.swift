import Files
import LanguageModels
import LinearAlgebra
import Tensors

/// A run between two updates: its state, its data, its files.
struct TrainedRun {
  private let recipe: TrainingRecipe
  private let configuration: ModelConfiguration
  private let layout: ParameterLayout
  private let lanes: Lanes
  private let training: TokenWindows
  private let validation: TokenWindows
  private let corpus: TrainingCorpus
  private let checkpoints: CheckpointWriter
  private let stateFile: StateFile
  private let interventions: [any Intervention]
  private let adamW: AdamW
  private let checkpointSteps: Set<Int>
  private var log: LossLog
  private(set) var state: TrainingState
  /// Whether nothing of the run was there.
  private(set) var isNew = false

  init(
    _ recipe: TrainingRecipe, _ corpus: TrainingCorpus, _ start: StartingPoint, lanes: Lanes
  ) throws {
    self.recipe = recipe
    self.corpus = corpus
    self.lanes = lanes
    configuration = start.configuration
    layout = start.layout
    training = TokenWindows(
      length: recipe.batch.length, tokens: corpus.training, order: recipe.data.order,
      seed: recipe.seed)
    validation = TokenWindows(
      length: recipe.batch.length, tokens: corpus.validation, order: .sequential, seed: 0)
    checkpoints = CheckpointWriter(
      folder: recipe.output, configuration: start.configuration, parameters: start.parameters)
    stateFile = StateFile(
      folder: recipe.output, recipe: try recipe.words(), unigramEntropy: corpus.unigramEntropy)
    for intervention in recipe.interventions {
      if let layers = intervention.layers, layers.upperBound >= configuration.layers {
        throw TrainingError.model(
          "intervention \(intervention.kind.rawValue): layer \(layers.upperBound) of a model with layers "
            + "0 to \(configuration.layers - 1)")
      }
    }
    interventions = recipe.interventions.map(\.intervention)
    adamW = AdamW(optimiser: recipe.optimiser)
    checkpointSteps = Set(recipe.checkpointSteps)
    log = LossLog(folder: recipe.output)
    state = TrainingState(step: 0, tensors: start.tensors)
  }

  var step: Int { state.step }
  var isCheckpoint: Bool { checkpointSteps.contains(step) }
  var lastValidationLoss: Double? { log.lastValidationLoss }

  /// Takes up the stored state, or prepares the folder; returns the updates that are done.
  mutating func begin() throws -> Int {
    do throws(FileError) { try Folder.make(recipe.output) } catch {
      throw TrainingError.file(error)
    }
    if let stored = try stateFile.read(), recipe.hasCheckpoints(upTo: stored.step) {
      state = stored
      try log.resume(at: stored.step)
    } else {
      isNew = true
      try beginInterventions()
    }
    try writeData()
    return step
  }

  /// One update; returns the loss of its batch, and the gradient's norm before clipping.
  mutating func update() throws -> (loss: Double, gradientNorm: Double) {
    let result: BatchGradients
    var gradients: [[Float]]
    do {
      // The weights are let go before they are changed, so that they are changed in place.
      let weights = state.weights()
      let model = try LanguageModel(configuration: configuration, layout: layout, source: weights)
      result = try BatchGradients(batches(), of: model, lanes: lanes)
      var found = result.gradients
      for intervention in active { try intervention.addGradient(of: weights, to: &found) }
      gradients = state.tensorGradients(found)
    } catch let error as LanguageModelError {
      throw TrainingError.diverged(run: recipe.name, step: step, "\(error)")
    }
    let norm = clip(&gradients)
    let rate = recipe.learningRate(after: step)
    apply(gradients, learningRate: rate)
    state.step += 1
    try beginInterventions()
    if (step - 1) % recipe.logEvery == 0 || step == recipe.steps {
      log.append(
        .init(
          step: step, trainingLoss: result.loss, gradientNorm: norm, learningRate: rate,
          tokens: step * recipe.batch.tokens))
    }
    return (result.loss, norm)
  }

  /// The validation loss of the weights as they are, which is logged; `nil` where nothing is held out.
  mutating func validate() throws -> Double? {
    guard validation.count > 0 else { return nil }
    let weights = state.weights()
    let model = try LanguageModel(configuration: configuration, layout: layout, source: weights)
    let batches = validation.batches(of: recipe.batch.sequences)
    let losses: [Double]
    do {
      losses = try lanes.map(batches.count) { index in
        try model.forward(batches[index]).loss * Double(batches[index].sequences)
      }
    } catch let error as LanguageModelError {
      throw TrainingError.diverged(run: recipe.name, step: step, "\(error)")
    }
    let loss = losses.reduce(0, +) / Double(validation.count)
    log.validate(step: step, loss: loss, tokens: step * recipe.batch.tokens)
    return loss
  }

  func writeCheckpoint() throws { try checkpoints.write(state.weights(), step: step) }

  /// Makes what was done so far durable; the state comes last, so that all before it is there.
  func keep() throws {
    try log.write()
    try stateFile.write(state)
  }

  private func batches() -> [TokenBatch] {
    let (sequences, passes) = (recipe.batch.sequences, recipe.batch.accumulate)
    return (0..<passes).map {
      training.batch(from: (step * passes + $0) * sequences, sequences: sequences)
    }
  }

  /// The interventions that have set in.
  private var active: [any Intervention] { interventions.filter { $0.settings.start <= step } }

  private mutating func beginInterventions() throws {
    for intervention in interventions where intervention.settings.start == step {
      try intervention.begin(&state)
    }
  }

  /// Scales all gradients so that their common norm is at most `clip` (as PyTorch's clip_grad_norm_);
  /// returns the norm before.
  private func clip(_ gradients: inout [[Float]]) -> Double {
    let norm = gradients.reduce(0) { $0 + Elementwise.sumOfSquares($1) }.squareRoot()
    let largest = recipe.optimiser.clip
    guard largest > 0, norm > largest else { return norm }
    let factor = Float(largest / (norm + 1e-6))
    for index in gradients.indices { Elementwise.scale(&gradients[index], by: factor) }
    return norm
  }

  private mutating func apply(_ gradients: [[Float]], learningRate: Double) {
    let rules = state.tensors.map { tensor -> UpdateRule in
      guard let matrix = BlockMatrix(tensor: tensor.name) else { return .adamW(factor: 1) }
      return active.filter { $0.settings.covers(matrix) }.compactMap { $0.rule(for: matrix) }.last
        ?? .adamW(factor: 1)
    }
    let (adamW, step) = (adamW, step)
    state.tensors.withUnsafeMutableBufferPointer { tensors in
      // SAFETY: each index changes its own tensor, and the call returns after all have.
      nonisolated(unsafe) let tensors = tensors
      lanes.forEach(tensors.count) { index in
        adamW.update(
          &tensors[index], gradient: gradients[index], learningRate: learningRate,
          age: step + 1 - tensors[index].since, rule: rules[index])
      }
    }
  }

  /// The tokenizer and what is held out, for the studies that measure the run.
  private func writeData() throws {
    do throws(FileError) {
      if let tokenizer = corpus.tokenizer {
        try DurableWrite.writeIfChanged(tokenizer, to: recipe.output + "/tokenizer.json")
      }
      guard validation.count > 0 else { return }
      try DurableWrite.writeIfChanged(
        NumPyWriter.file(validation.tokens, shape: [validation.count, validation.length]),
        to: recipe.output + "/validation.npy")
    } catch {
      throw TrainingError.file(error)
    }
  }
}
