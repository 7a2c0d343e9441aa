/// OLMo 1 (Groeneveld et al. 2024): Llama with layer norms that have no parameters, and queries, keys
/// and values perhaps cut to a range.
package enum OLMo: Architecture {
  package static let modelTypes = ["olmo"]
  package static let classNames = ["OlmoForCausalLM"]

  package static func configuration(_ fields: ConfigurationFields) throws -> ModelConfiguration {
    var configuration = try Llama.sharedConfiguration(fields, as: modelTypes[0], norm: .plainLayer)
    configuration.clip = try fields.optionalNumber(["clip_qkv"], in: 1e-6...1e6)
    let hasBias = try fields.flag("attention_bias", default: false)
    configuration.hasQueryKeyValueBias = hasBias
    configuration.hasOutputBias = hasBias
    return configuration
  }

  package static func layout(
    _ configuration: ModelConfiguration, contains: (String) -> Bool
  ) -> ParameterLayout {
    Llama.sharedLayout(configuration, contains: contains) { _ in (.init(), .init()) }
  }
}
