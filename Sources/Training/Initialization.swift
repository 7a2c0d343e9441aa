import Files
import LanguageModels
import Statistics

/// GPT-NeoX's initialisation (Black et al. 2022, section 3.3): normal with standard deviation √(2 / (5 d))
/// ("small init", Nguyen & Salazar 2019), for the two matrices that write into the residual stream
/// 2 / (N √d) ("Wang init", Wang & Komatsuzaki 2021); biases 0, LayerNorm 1 and 0.
enum Initialization {
  /// Every parameter of a model, drawn with `seed`. A parameter's draws depend on its name alone, so that
  /// none shifts another's.
  static func tensors(
    _ configuration: ModelConfiguration, _ parameters: [ParameterLayout.Parameter], seed: UInt64
  ) -> [TrainedTensor] {
    let d = Double(configuration.hiddenSize)
    let small = (2 / (5 * d)).squareRoot()
    let scaled = 2 / (Double(configuration.layers) * d.squareRoot())
    return parameters.map { parameter in
      let values: [Float]
      if parameter.shape.count == 2 {
        let kind = BlockMatrix(tensor: parameter.name)?.kind
        let deviation = kind == .dense || kind == .down ? scaled : small
        var generator = SeededGenerator(seed: Self.seed("weights \(parameter.name)", seed))
        values = (0..<parameter.count).map { _ in Float(deviation * generator.gaussian()) }
      } else {
        let isScale = parameter.name.hasSuffix("norm.weight")
        values = [Float](repeating: isScale ? 1 : 0, count: parameter.count)
      }
      return TrainedTensor(name: parameter.name, shape: parameter.shape, values: values, since: 0)
    }
  }

  /// A seed for one purpose of a run.
  static func seed(_ purpose: String, _ seed: UInt64) -> UInt64 {
    SHA256Digest(of: "tend train, seed \(seed): \(purpose)").bytes.prefix(8)
      .reduce(0) { $0 << 8 | UInt64($1) }
  }
}
