import Checkpoints
import Files
import LanguageModels
import Tensors

/// The model that a run trains and its first weights.
struct StartingPoint: Sendable {
  let configuration: ModelConfiguration
  let layout: ParameterLayout
  let parameters: [ParameterLayout.Parameter]
  let tensors: [TrainedTensor]

  init(_ recipe: TrainingRecipe, vocabulary: Int) throws {
    switch recipe.model {
    case .new(let shape):
      configuration = try Self.configuration(shape, recipe, vocabulary: vocabulary)
      layout = GPTNeoX.layout(configuration) { _ in false }
      parameters = layout.parameters(configuration)
      tensors = Initialization.tensors(configuration, parameters, seed: recipe.seed)
    case .checkpoint(let folder):
      let checkpoint = try Checkpoint(folder: folder, step: 0)
      let configuration = try ModelConfiguration(config: checkpoint.configuration)
      guard configuration.architecture == GPTNeoX.modelTypes[0], !configuration.tiesEmbeddings
      else {
        throw TrainingError.model(
          "\(folder): expected a GPT-NeoX model with an output embedding of its own, found "
            + "\(configuration.architecture)")
      }
      guard configuration.activation == .gelu else {
        throw TrainingError.model(
          "\(folder)/config.json: hidden_act: only gelu can be trained, as Pythia has it")
      }
      guard vocabulary <= configuration.vocabulary else {
        throw TrainingError.model(
          "\(folder): has \(configuration.vocabulary) tokens, the data need \(vocabulary)")
      }
      guard recipe.batch.length <= configuration.context else {
        throw TrainingError.model(
          "\(folder): has a context of \(configuration.context), batch.length is \(recipe.batch.length)"
        )
      }
      self.configuration = configuration
      layout = GPTNeoX.layout(configuration) { checkpoint.shape(of: $0) != nil }
      parameters = layout.parameters(configuration)
      tensors = try parameters.map { parameter in
        let values = try checkpoint.floats(parameter.name)
        guard values.count == parameter.count, values.allSatisfy(\.isFinite) else {
          throw TrainingError.model(
            "\(folder): \(parameter.name) is not \(parameter.shape) finite numbers")
        }
        return TrainedTensor(
          name: parameter.name, shape: parameter.shape, values: values, since: 0)
      }
    }
  }

  /// A digest of the configuration and the weights' files of a checkpoint.
  static func digest(_ folder: String) throws(TrainingError) -> String {
    var hasher = SHA256Hasher()
    do throws(CheckpointError) {
      let checkpoint = try Checkpoint(folder: folder, step: 0)
      let paths = [folder + "/config.json"] + checkpoint.weights.files.map(\.path)
      for path in paths {
        let bytes: [UInt8]
        do { bytes = try FileReader(path).readAll() } catch { throw .tensors(.file(error)) }
        hasher.update("\(bytes.count) bytes\n")
        hasher.update(bytes)
      }
    } catch {
      throw .model("\(error)")
    }
    return hasher.finalize().hex
  }

  private static func configuration(
    _ shape: TrainingRecipe.Shape, _ recipe: TrainingRecipe, vocabulary: Int
  ) throws(TrainingError) -> ModelConfiguration {
    let own = shape.vocabulary ?? vocabulary
    guard own >= vocabulary else {
      throw .model("model.vocabulary: \(own) is less than the \(vocabulary) tokens of the data")
    }
    let headSize = shape.hiddenSize / shape.heads
    // Transformers takes the whole part; pairs of features are turned.
    let turned = Int(Double(headSize) * shape.rotaryShare) / 2 * 2
    guard turned >= 2 else {
      throw .model(
        "model: heads of \(headSize) features with rotary_pct \(shape.rotaryShare) turn fewer than two; "
          + "take fewer heads or a larger share")
    }
    return GPTNeoX.configuration(
      hiddenSize: shape.hiddenSize, layers: shape.layers, heads: shape.heads,
      intermediateSize: shape.intermediateSize ?? 4 * shape.hiddenSize, vocabulary: own,
      context: shape.context ?? recipe.batch.length,
      rotary: Rotary(dimensions: turned, base: 10_000))
  }
}
