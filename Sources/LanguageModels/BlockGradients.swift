import LinearAlgebra

/// The gradients of one block's parameters, summed over micro-batches.
struct BlockGradients {
  /// [3d, d], [d, d] and [d, 4d], as the weights.
  var queryKeyValue, dense, down: [Float]
  /// [4d, d]; empty, as all below, unless all parameters were asked for.
  var up: [Float]
  var queryKeyValueBias, denseBias, upBias, downBias: [Double]
  var attentionNorm, mlpNorm: LayerNormalization.Gradients
  let selection: GradientSelection

  init(_ selection: GradientSelection, _ configuration: GPTNeoXConfiguration) {
    let (d, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let all = selection == .all
    self.selection = selection
    queryKeyValue = .init(repeating: 0, count: 3 * d * d)
    dense = .init(repeating: 0, count: d * d)
    down = .init(repeating: 0, count: d * inner)
    up = .init(repeating: 0, count: all ? inner * d : 0)
    let biased = all && configuration.hasAttentionBias
    queryKeyValueBias = .init(repeating: 0, count: biased ? 3 * d : 0)
    denseBias = .init(repeating: 0, count: biased ? d : 0)
    upBias = .init(repeating: 0, count: all ? inner : 0)
    downBias = .init(repeating: 0, count: all ? d : 0)
    attentionNorm = LayerNormalization.Gradients(width: d)
    mlpNorm = attentionNorm
  }

  /// The gradients that were asked for beside their weights, by checkpoint key.
  ///
  /// - Throws: `LanguageModelError.gradientNotFinite`.
  func finished(
    layer: Int, _ weights: BlockWeights, _ configuration: GPTNeoXConfiguration
  ) throws -> ParameterGradients {
    var gradients: [String: [Float]] = [:]
    var values: [String: [Float]] = [:]
    func put(_ suffix: String, _ gradient: [Float], _ weight: [Float]) throws {
      let key = GPTNeoXParameters.key(layer: layer, suffix)
      guard VectorMath.allFinite(gradient) else {
        throw LanguageModelError.gradientNotFinite(tensor: key)
      }
      gradients[key] = gradient
      values[key] = weight
    }
    try put("attention.query_key_value.weight", queryKeyValue, weights.queryKeyValue)
    try put("attention.dense.weight", dense, weights.dense)
    try put("mlp.dense_4h_to_h.weight", down, weights.down)
    guard selection == .all else {
      return ParameterGradients(layer: layer, gradients: gradients, weights: values)
    }
    try put("mlp.dense_h_to_4h.weight", up, weights.up)
    try put("mlp.dense_h_to_4h.bias", upBias.map(Float.init), weights.upBias)
    try put("mlp.dense_4h_to_h.bias", downBias.map(Float.init), weights.downBias)
    if configuration.hasAttentionBias {
      try put(
        "attention.query_key_value.bias", queryKeyValueBias.map(Float.init),
        weights.queryKeyValueBias)
      try put("attention.dense.bias", denseBias.map(Float.init), weights.denseBias)
    }
    for (name, norm, gradient) in [
      ("input_layernorm", weights.attentionNorm, attentionNorm),
      ("post_attention_layernorm", weights.mlpNorm, mlpNorm),
    ] {
      try put("\(name).weight", gradient.scale.map(Float.init), norm.scale)
      try put("\(name).bias", gradient.shift.map(Float.init), norm.shift)
    }
    return ParameterGradients(layer: layer, gradients: gradients, weights: values)
  }
}

extension Lanes {
  /// Adds the sum of each column of `x`, [rows, columns], to `sums`, in double precision; nothing
  /// where `sums` is empty.
  func addColumnSums(
    of x: UnsafePointer<Float>, rows: Int, columns: Int, to sums: inout [Double]
  ) {
    guard !sums.isEmpty else { return }
    nonisolated(unsafe) let x = x
    sums.withUnsafeMutableBufferPointer { sums in
      // SAFETY: each range of columns adds to its own sums.
      nonisolated(unsafe) let sums = sums
      forEachRange(columns, grain: 64) { range in
        let whole = range.lowerBound + range.count / 8 * 8
        for first in stride(from: range.lowerBound, to: whole, by: 8) {
          var total = SIMD8<Double>.zero
          for row in 0..<rows { total += SIMD8<Double>(VectorMath.load(x + row * columns + first)) }
          for lane in 0..<8 { sums[first + lane] += total[lane] }
        }
        for column in whole..<range.upperBound {
          for row in 0..<rows { sums[column] += Double(x[row * columns + column]) }
        }
      }
    }
  }
}
