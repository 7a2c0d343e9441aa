import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension ConfigurationFields {
  /// Rotary embedding as the Hub's files have it (`rope_theta`, `rope_scaling`), or as transformers 5
  /// writes it (`rope_parameters`).
  ///
  /// - fractionFields, baseFields: names of older writers, after those of `rope_parameters`.
  func rotary(
    headSize: Int, context: Int, fraction: Double = 1,
    fractionFields: [String] = ["partial_rotary_factor"], baseFields: [String] = ["rope_theta"]
  ) throws -> Rotary {
    let paths = ["rope_parameters.partial_rotary_factor"] + fractionFields
    let share = try number(paths, in: 0...1, default: fraction)
    // ⌊d_h · fraction⌋, as the reference.
    let dimensions = Int(Double(headSize) * share)
    guard dimensions.isMultiple(of: 2) else {
      throw LanguageModelError.invalidField(
        paths.first { value($0) != nil } ?? paths[0],
        expected: "an even number of turned features of each head's \(headSize)",
        found: "\(share), which turns \(dimensions)")
    }
    let base = try number(
      ["rope_parameters.rope_theta"] + baseFields, in: 1...1e30, default: 10_000)
    return Rotary(
      dimensions: dimensions, base: base,
      scaling: try scaling(dimensions: dimensions, base: base, context: context))
  }

  private func scaling(
    dimensions: Int, base: Double, context: Int
  ) throws -> Rotary.Scaling {
    let group = ["rope_scaling", "rope_parameters"].first { value($0) != nil }
    guard let group, let object = value(group) else { return .none }
    guard object.members != nil else {
      throw LanguageModelError.invalidField(group, expected: "an object", found: object.kind)
    }
    let field = value("\(group).rope_type") == nil ? "\(group).type" : "\(group).rope_type"
    guard let type = value(field) else {
      if group == "rope_parameters" { return .none }
      throw LanguageModelError.invalidField(field, expected: "a type", found: "nothing")
    }
    func required(_ name: String) throws -> Double {
      guard let number = try optionalNumber(["\(group).\(name)"], in: 1e-9...1e9) else {
        throw LanguageModelError.invalidField(
          "\(group).\(name)", expected: "a number above 0", found: "nothing")
      }
      return number
    }
    func original() throws -> Int {
      try optionalSize("\(group).original_max_position_embeddings")
        ?? optionalSize("original_max_position_embeddings") ?? context
    }
    switch type.string {
    case "default": return .none
    case "linear": return .linear(factor: try required("factor"))
    case "dynamic":
      guard dimensions > 2 else {
        throw LanguageModelError.unsupported(
          field: field, value: type.kind, supported: "dynamic with more than 2 turned features")
      }
      return .dynamic(factor: try required("factor"), context: context)
    case "llama3":
      let (low, high) = (try required("low_freq_factor"), try required("high_freq_factor"))
      guard low < high else {
        throw LanguageModelError.invalidField(
          "\(group).high_freq_factor", expected: "more than low_freq_factor \(low)",
          found: "\(high)")
      }
      return .llama3(
        factor: try required("factor"), low: low, high: high, context: try original())
    case "yarn": return try yarn(group, dimensions: dimensions, base: base, context: original())
    default:
      throw LanguageModelError.unsupported(
        field: field, value: type.kind, supported: "default, linear, dynamic, llama3, yarn")
    }
  }

  private func yarn(
    _ group: String, dimensions: Int, base: Double, context: Int
  ) throws -> Rotary.Scaling {
    func field(_ name: String) throws -> Double? {
      try optionalNumber(["\(group).\(name)"], in: 0...1e9)
    }
    guard base > 1, let factor = try field("factor"), factor > 0 else {
      throw LanguageModelError.invalidField(
        "\(group).factor", expected: "a number above 0", found: "nothing")
    }
    func scale(_ weight: Double) -> Double { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
    let attention: Double
    if let given = try field("attention_factor") {
      attention = given
    } else if let all = try field("mscale_all_dim"), let some = try field("mscale"), all > 0,
      some > 0
    {
      attention = scale(some) / scale(all)
    } else {
      attention = scale(1)
    }
    /// The pair that turns `turns` times over the original context.
    func pair(_ turns: Double) -> Double {
      Double(dimensions) * log(Double(context) / (turns * 2 * Double.pi)) / (2 * log(base))
    }
    func turns(_ name: String, default fallback: Double) throws -> Double {
      guard let given = try field(name), given > 0 else { return fallback }
      return given
    }
    var (from, to) = (
      pair(try turns("beta_fast", default: 32)), pair(try turns("beta_slow", default: 1))
    )
    if try flag("\(group).truncate", default: true) { (from, to) = (floor(from), ceil(to)) }
    return .yarn(
      factor: factor, attention: attention, from: max(from, 0),
      to: min(to, Double(dimensions - 1)))
  }
}
