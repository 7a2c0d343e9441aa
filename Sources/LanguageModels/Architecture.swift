package import Tensors

/// A family of models: how its `config.json` is read and where its parameters stand.
///
/// What is computed is common to all (`LanguageModel`); a family says which of the options it takes.
package protocol Architecture: Sendable {
  /// What `model_type` calls it, the first one its name here.
  static var modelTypes: [String] { get }
  /// What `architectures` calls it, for files without `model_type`.
  static var classNames: [String] { get }

  /// - Throws: `LanguageModelError.invalidField` or `.unsupported`, naming the field.
  static func configuration(_ fields: ConfigurationFields) throws -> ModelConfiguration

  /// - contains: whether the checkpoint has a tensor, for names that differ between writers.
  static func layout(
    _ configuration: ModelConfiguration, contains: (String) -> Bool
  ) -> ParameterLayout
}

/// The architectures that are built. A new one is a file that conforms to `Architecture`, and its
/// name here.
enum ArchitectureRegistry {
  static let all: [any Architecture.Type] = [
    GPTNeoX.self, Llama.self, OLMo.self, OLMo2.self, GPT2.self, Pico.self,
  ]

  /// The architecture that a configuration's file names.
  static func architecture(of fields: ConfigurationFields) throws -> any Architecture.Type {
    let supported = all.flatMap { $0.modelTypes }.joined(separator: ", ")
    if let type = fields.value("model_type") {
      let found = all.first { $0.modelTypes.contains { type.string == $0 } }
      guard let found else {
        throw LanguageModelError.unsupported(
          field: "model_type", value: type.kind, supported: supported)
      }
      return found
    }
    let names = fields.value("architectures")?.elements?.compactMap(\.string) ?? []
    guard let found = all.first(where: { !$0.classNames.filter(names.contains).isEmpty }) else {
      throw LanguageModelError.invalidField(
        "model_type", expected: "one of \(supported)",
        found: fields.value("architectures")?.kind ?? "nothing")
    }
    return found
  }

  /// The architecture called `name` in a `ModelConfiguration`.
  static func architecture(named name: String) -> (any Architecture.Type)? {
    all.first { $0.modelTypes.first == name }
  }
}

extension ModelConfiguration {
  /// The model that a checkpoint's `config.json` describes.
  ///
  /// - Throws: `LanguageModelError.invalidField` or `.unsupported`, naming the field.
  package init(config: JSONValue) throws {
    let fields = ConfigurationFields(config)
    try fields.requireObject()
    self = try ArchitectureRegistry.architecture(of: fields).configuration(fields)
    if let value = fields.value("quantization_config") {
      throw LanguageModelError.unsupported(
        field: "quantization_config", value: value.kind, supported: "none (unquantised weights)")
    }
    guard heads.isMultiple(of: keyValueHeads) else {
      throw LanguageModelError.invalidField(
        "num_key_value_heads", expected: "a divisor of the \(heads) heads",
        found: "\(keyValueHeads)")
    }
  }
}
