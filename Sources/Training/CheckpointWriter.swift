import Files
import LanguageModels
import Tensors

/// Writes checkpoints in the Hugging Face layout of the public Pythia models: `stepN/config.json` and
/// `stepN/model.safetensors`, float32.
struct CheckpointWriter: Sendable {
  let folder: String
  let configuration: ModelConfiguration
  let parameters: [ParameterLayout.Parameter]

  static func folder(step: Int, in folder: String) -> String { "\(folder)/step\(step)" }

  func write(_ weights: InMemoryWeights, step: Int) throws {
    let tensors = try parameters.map {
      SafetensorsWriter.Tensor(
        name: $0.name, shape: $0.shape, elements: try weights.floats($0.name))
    }
    do throws(FileError) {
      let target = Self.folder(step: step, in: folder)
      try Folder.make(target)
      // The configuration comes last: a folder without one is not taken for a checkpoint.
      try DurableWrite.writeIfChanged(
        SafetensorsWriter.file(tensors, metadata: ["format": "pt"]),
        to: target + "/model.safetensors")
      try DurableWrite.writeIfChanged(Array(config.utf8), to: target + "/config.json")
    } catch {
      throw TrainingError.file(error)
    }
  }

  /// `config.json` as the public Pythia models have it.
  private var config: String {
    let (dimensions, base) =
      switch configuration.positions {
      case .rotary(let rotary): (rotary.dimensions, rotary.base)
      case .learned: (0, 10_000)
      }
    let share = Double(dimensions) / Double(configuration.headSize)
    return """
      {
        "architectures": [
          "\(GPTNeoX.classNames[0])"
        ],
        "attention_bias": \(configuration.hasQueryKeyValueBias),
        "bos_token_id": 0,
        "eos_token_id": 0,
        "hidden_act": "gelu",
        "hidden_size": \(configuration.hiddenSize),
        "initializer_range": 0.02,
        "intermediate_size": \(configuration.intermediateSize),
        "layer_norm_eps": \(configuration.normEpsilon),
        "max_position_embeddings": \(configuration.context),
        "model_type": "\(GPTNeoX.modelTypes[0])",
        "num_attention_heads": \(configuration.heads),
        "num_hidden_layers": \(configuration.layers),
        "rotary_emb_base": \(Int(base)),
        "rotary_pct": \(share),
        "tie_word_embeddings": false,
        "torch_dtype": "float32",
        "use_cache": true,
        "use_parallel_residual": \(configuration.residual == .parallel),
        "vocab_size": \(configuration.vocabulary)
      }

      """
  }
}
