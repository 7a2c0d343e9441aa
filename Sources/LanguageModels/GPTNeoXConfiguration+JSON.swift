package import Tensors

extension GPTNeoXConfiguration {
  /// The model that a checkpoint's `config.json` describes: as the files on the Hugging Face Hub have
  /// it, or as transformers 5 writes it (`rope_parameters`, `dtype`). A field that the library gives a
  /// default may be missing.
  ///
  /// - Throws: `LanguageModelError.invalidField` or `.unsupported`, naming the field.
  package init(config: JSONValue) throws {
    let fields = ConfigurationFields(config)
    try fields.requireModelType()
    for field in ["quantization_config", "rope_scaling"] {
      if let value = fields.value(field), value["rope_type"]?.string != "default" {
        throw LanguageModelError.unsupported(
          field: field, value: value.kind, supported: "none (unquantised weights, plain rotary)")
      }
    }
    if let type = fields.value("rope_parameters")?["rope_type"], type.string != "default" {
      throw LanguageModelError.unsupported(
        field: "rope_parameters.rope_type", value: type.kind, supported: "default")
    }
    self.init(
      hiddenSize: try fields.size("hidden_size"),
      layers: try fields.size("num_hidden_layers", atMost: ConfigurationFields.mostLayers),
      heads: try fields.size("num_attention_heads"),
      intermediateSize: try fields.size("intermediate_size"),
      vocabulary: try fields.size("vocab_size"),
      context: try fields.size("max_position_embeddings"),
      rotaryFraction: try fields.number(
        ["rope_parameters.partial_rotary_factor", "rotary_pct"], in: 0...1, default: 0.25),
      rotaryBase: try fields.number(
        ["rope_parameters.rope_theta", "rotary_emb_base"], in: 1...1e30, default: 10_000),
      layerNormEpsilon: try fields.number(["layer_norm_eps"], in: 0...1, default: 1e-5),
      usesParallelResidual: try fields.flag("use_parallel_residual", default: true),
      activation: try fields.activation(),
      hasAttentionBias: try fields.flag("attention_bias", default: true),
      tiesEmbeddings: try fields.flag("tie_word_embeddings", default: false))
    guard hiddenSize.isMultiple(of: heads) else {
      throw LanguageModelError.invalidField(
        "num_attention_heads", expected: "a divisor of hidden_size \(hiddenSize)",
        found: "\(heads)")
    }
    guard rotaryDimensions.isMultiple(of: 2) else {
      throw LanguageModelError.invalidField(
        fields.value("rope_parameters") == nil
          ? "rotary_pct" : "rope_parameters.partial_rotary_factor",
        expected: "an even number of turned features of each head's \(headSize)",
        found: "\(rotaryFraction), which turns \(rotaryDimensions)")
    }
  }
}

/// The fields of a `config.json`, each read with the check that it needs.
private struct ConfigurationFields {
  private let root: JSONValue

  init(_ root: JSONValue) { self.root = root }

  /// Larger counts than any model has, small enough that products of three of them are exact.
  static let largestSize = 1 << 20
  /// A list of every parameter's name has to stay small.
  static let mostLayers = 4096

  /// The value at `path` (names joined by dots); `nil` where it is missing or null.
  func value(_ path: String) -> JSONValue? {
    var value: JSONValue? = root
    for name in path.split(separator: ".") { value = value?[String(name)] }
    return value?.isNull == true ? nil : value
  }

  func requireModelType() throws {
    guard root.members != nil else {
      throw LanguageModelError.invalidField(
        "(the whole file)", expected: "a JSON object", found: root.kind)
    }
    if let type = value("model_type") {
      guard type.string == "gpt_neox" else {
        throw LanguageModelError.unsupported(
          field: "model_type", value: type.kind, supported: "gpt_neox")
      }
      return
    }
    guard value("architectures")?.elements?.contains(.string("GPTNeoXForCausalLM")) == true else {
      throw LanguageModelError.invalidField(
        "model_type", expected: "gpt_neox", found: value("architectures")?.kind ?? "nothing")
    }
  }

  func size(_ field: String, atMost limit: Int = largestSize) throws -> Int {
    let found = value(field)
    guard let size = found?.integer, 1...limit ~= size else {
      throw LanguageModelError.invalidField(
        field, expected: "a whole number from 1 to \(limit)",
        found: found?.kind ?? "nothing")
    }
    return size
  }

  /// The first of `paths` that is there.
  func number(
    _ paths: [String], in range: ClosedRange<Double>, default fallback: Double
  ) throws -> Double {
    for path in paths {
      guard let found = value(path) else { continue }
      guard let number = found.double, range.contains(number) else {
        throw LanguageModelError.invalidField(
          path, expected: "a number from \(range.lowerBound) to \(range.upperBound)",
          found: found.kind)
      }
      return number
    }
    return fallback
  }

  func flag(_ field: String, default fallback: Bool) throws -> Bool {
    guard let found = value(field) else { return fallback }
    guard let flag = found.bool else {
      throw LanguageModelError.invalidField(field, expected: "true or false", found: found.kind)
    }
    return flag
  }

  func activation() throws -> Activation {
    guard let found = value("hidden_act") else { return .gelu }
    guard let name = found.string else {
      throw LanguageModelError.invalidField(
        "hidden_act", expected: "the name of an activation", found: found.kind)
    }
    guard let activation = Activation(hiddenAct: name) else {
      throw LanguageModelError.unsupported(
        field: "hidden_act", value: found.kind, supported: Activation.supportedNames)
    }
    return activation
  }
}
