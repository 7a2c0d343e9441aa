import Files
import Tensors

/// A run's state on disk: written whole or not at all, so that a run goes on bit for bit after a kill at any
/// moment.
struct StateFile: Sendable {
  let folder: String
  /// The recipe in words, so that a state is never continued with another.
  let recipe: String
  /// Of the training tokens; stored beside the state for those who find the run finished.
  var unigramEntropy = 0.0

  static let name = "training_state.safetensors"

  var path: String { folder + "/" + Self.name }

  func write(_ state: TrainingState) throws(TrainingError) {
    var metadata = [
      "step": String(state.step), "recipe": recipe, "unigram_entropy": "\(unigramEntropy)",
    ]
    var tensors: [SafetensorsWriter.Tensor] = []
    for (index, tensor) in state.tensors.enumerated() {
      // The order of tensors is part of the state.
      let key = String(index)
      metadata["name.\(key)"] = tensor.name
      metadata["since.\(key)"] = String(tensor.since)
      for (part, elements) in [
        ("values", tensor.values), ("first", tensor.first), ("second", tensor.second),
      ] {
        tensors.append(.init(name: "\(key).\(part)", shape: tensor.shape, elements: elements))
      }
    }
    do {
      try DurableWrite.write(SafetensorsWriter.file(tensors, metadata: metadata), to: path)
    } catch {
      throw .file(error)
    }
  }

  /// The stored step and unigram entropy where the state is this recipe's, from the header alone.
  func header() throws(TrainingError) -> (step: Int, unigramEntropy: Double)? {
    guard Folder.kind(of: path) != .missing else { return nil }
    do {
      let metadata = try TensorFile(path).metadata
      guard metadata["recipe"] == recipe, let step = metadata["step"].flatMap({ Int($0) }),
        let entropy = metadata["unigram_entropy"].flatMap({ Double($0) })
      else { return nil }
      return (step, entropy)
    } catch {
      throw .state(file: path, "\(error)")
    }
  }

  /// The stored state; `nil` where there is none.
  ///
  /// - Throws: `TrainingError.otherRecipe` where another recipe wrote it.
  func read() throws(TrainingError) -> TrainingState? {
    guard Folder.kind(of: path) != .missing else { return nil }
    do throws(TensorError) {
      let file = try TensorFile(path)
      guard let step = file.metadata["step"].flatMap({ Int($0) }),
        let stored = file.metadata["recipe"]
      else {
        throw TensorError.malformed(
          file: path, expected: "a step and a recipe", found: "neither")
      }
      guard stored == recipe else {
        throw TensorError.malformed(file: path, expected: recipe, found: stored)
      }
      var tensors: [TrainedTensor] = []
      while let name = file.metadata["name.\(tensors.count)"] {
        let key = String(tensors.count)
        guard let since = file.metadata["since.\(key)"].flatMap({ Int($0) }),
          let shape = file.tensor("\(key).values")?.shape
        else { throw TensorError.missingTensor(file: path, tensor: "\(key).values") }
        var tensor = TrainedTensor(
          name: name, shape: shape, values: try file.floats("\(key).values"), since: since)
        tensor.first = try file.floats("\(key).first")
        tensor.second = try file.floats("\(key).second")
        guard tensor.first.count == tensor.values.count, tensor.second.count == tensor.values.count
        else {
          throw TensorError.malformed(
            file: path, expected: "three tensors of one shape for \(name)", found: "others")
        }
        tensors.append(tensor)
      }
      return TrainingState(step: step, tensors: tensors)
    } catch {
      if case .malformed(_, recipe, let found) = error {
        throw .otherRecipe(folder: folder, difference: Self.difference(found, recipe))
      }
      throw .state(file: path, "\(error)")
    }
  }

  /// The words in which two recipes differ.
  private static func difference(_ stored: String, _ wanted: String) -> String {
    let (old, new) = (stored.split(separator: "\n"), wanted.split(separator: "\n"))
    let changes = new.filter { !old.contains($0) }.map(String.init)
    return changes.isEmpty ? "a setting less" : "now " + changes.joined(separator: ", ")
  }
}

extension TrainingRecipe {
  /// Everything that a run's numbers depend on, one setting a line; what stands in files as their digests.
  func words() throws(TrainingError) -> String {
    var lines: [String] = []
    switch model {
    case .new(let shape):
      lines.append(
        "model: \(shape.layers) layers, d \(shape.hiddenSize), \(shape.heads) heads, inner "
          + "\(shape.intermediateSize ?? 4 * shape.hiddenSize), vocabulary "
          + "\(shape.vocabulary.map(String.init) ?? "the tokenizer's"), context "
          + "\(shape.context ?? batch.length), rotary \(shape.rotaryShare)")
    case .checkpoint(let folder):
      lines.append("model: the checkpoint \(try StartingPoint.digest(folder))")
    }
    lines += [
      "data: \(try TrainingCorpus.words(data, length: batch.length))",
      "order: \(data.order.rawValue)",
      "batch: \(batch.sequences) x \(batch.length) x \(batch.accumulate)",
      "learning rate: \(optimiser.learningRate)", "betas: \(optimiser.betas)",
      "epsilon: \(optimiser.epsilon)", "weight decay: \(optimiser.weightDecay)",
      "clip: \(optimiser.clip)", "warm-up: \(schedule.warmup)",
      "final share: \(schedule.finalShare)", "steps: \(steps)", "seed: \(seed)",
    ]
    lines += interventions.map { intervention in
      let layers = intervention.layers.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "all"
      let matrices = intervention.matrices.map(\.rawValue).sorted().joined(separator: " ")
      return
        "intervention: \(intervention.kind.rawValue), strength \(intervention.strength), layers "
        + "\(layers), start \(intervention.start), \(matrices)"
    }
    return lines.joined(separator: "\n")
  }

  /// Whether all checkpoints up to `step` are there.
  func hasCheckpoints(upTo step: Int) -> Bool {
    checkpointSteps.filter { $0 <= step }.allSatisfy {
      Folder.kind(of: CheckpointWriter.folder(step: $0, in: output) + "/config.json") == .file
    }
  }
}
