import Tensors

/// The fields of a `config.json`, each read with the check that it needs.
package struct ConfigurationFields {
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

  func requireObject() throws {
    guard root.members != nil else {
      throw LanguageModelError.invalidField(
        "(the whole file)", expected: "a JSON object", found: root.kind)
    }
  }

  func size(_ field: String, atMost limit: Int = largestSize) throws -> Int {
    guard let size = try optionalSize(field, atMost: limit) else {
      throw LanguageModelError.invalidField(
        field, expected: "a whole number from 1 to \(limit)", found: "nothing")
    }
    return size
  }

  /// The size at `field`; `nil` where there is none.
  func optionalSize(_ field: String, atMost limit: Int = largestSize) throws -> Int? {
    guard let found = value(field) else { return nil }
    guard let size = found.integer, 1...limit ~= size else {
      throw LanguageModelError.invalidField(
        field, expected: "a whole number from 1 to \(limit)", found: found.kind)
    }
    return size
  }

  /// The first of `paths` that is there.
  func number(
    _ paths: [String], in range: ClosedRange<Double>, default fallback: Double
  ) throws -> Double {
    try optionalNumber(paths, in: range) ?? fallback
  }

  func optionalNumber(_ paths: [String], in range: ClosedRange<Double>) throws -> Double? {
    for path in paths {
      guard let found = value(path) else { continue }
      guard let number = found.double, range.contains(number) else {
        throw LanguageModelError.invalidField(
          path, expected: "a number from \(range.lowerBound) to \(range.upperBound)",
          found: found.kind)
      }
      return number
    }
    return nil
  }

  func flag(_ field: String, default fallback: Bool) throws -> Bool {
    guard let found = value(field) else { return fallback }
    guard let flag = found.bool else {
      throw LanguageModelError.invalidField(field, expected: "true or false", found: found.kind)
    }
    return flag
  }

  /// Throws unless the flag at `field` is missing or `supported`.
  func require(_ field: String, _ supported: Bool) throws {
    guard try flag(field, default: supported) == supported else {
      throw LanguageModelError.unsupported(
        field: field, value: "\(!supported)", supported: "\(supported)")
    }
  }

  func activation(_ field: String = "hidden_act", default fallback: Activation) throws
    -> Activation
  {
    guard let found = value(field) else { return fallback }
    guard let name = found.string else {
      throw LanguageModelError.invalidField(
        field, expected: "the name of an activation", found: found.kind)
    }
    guard let activation = Activation(hiddenAct: name) else {
      throw LanguageModelError.unsupported(
        field: field, value: found.kind, supported: Activation.supportedNames)
    }
    return activation
  }

  /// d_h: the field, or d / H where it is missing.
  func headSize(_ field: String = "head_dim", hiddenSize: Int, heads: Int) throws -> Int {
    if let size = try optionalSize(field, atMost: 1 << 14) { return size }
    guard hiddenSize.isMultiple(of: heads) else {
      throw LanguageModelError.invalidField(
        "num_attention_heads", expected: "a divisor of hidden_size \(hiddenSize)",
        found: "\(heads)")
    }
    return hiddenSize / heads
  }

  /// Throws where attention is cut to a window that is shorter than the context.
  func requireFullAttention(context: Int) throws {
    if try flag("use_sliding_window", default: true),
      let window = value("sliding_window"), window.integer ?? 0 < context
    {
      throw LanguageModelError.unsupported(
        field: "sliding_window", value: window.kind,
        supported: "none, or at least the context of \(context)")
    }
    let kinds = value("layer_types")?.elements ?? []
    if let other = kinds.first(where: { $0.string != "full_attention" }) {
      throw LanguageModelError.unsupported(
        field: "layer_types", value: other.kind, supported: "full_attention")
    }
  }
}
