import LinearAlgebra

/// The gradients of one block's parameters, summed over micro-batches.
struct BlockGradients {
  /// [F, d], [d, H d_h] and [d, inner], as the weights.
  var queryKeyValue, dense, down: [Float]
  /// As the weights; empty, as all biases, unless all parameters were asked for.
  var up: [Float]
  var queryKeyValueBias, denseBias, upBias, downBias: [Double]
  var attentionNorm, mlpNorm, queryNorm, keyNorm: LayerNormalization.Gradients
  let selection: GradientSelection

  init(_ selection: GradientSelection, _ configuration: ModelConfiguration) {
    let (d, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let all = selection == .all
    self.selection = selection
    let (fused, expanded) = (configuration.fusedSize, configuration.expandedSize)
    queryKeyValue = .init(repeating: 0, count: fused * d)
    dense = .init(repeating: 0, count: d * configuration.attentionSize)
    down = .init(repeating: 0, count: d * inner)
    up = .init(repeating: 0, count: all ? expanded * d : 0)
    func bias(_ exists: Bool, _ count: Int) -> [Double] {
      .init(repeating: 0, count: all && exists ? count : 0)
    }
    queryKeyValueBias = bias(configuration.hasQueryKeyValueBias, fused)
    denseBias = bias(configuration.hasOutputBias, d)
    upBias = bias(configuration.hasMLPBias, expanded)
    downBias = bias(configuration.hasMLPBias, d)
    let keys = configuration.keyValueHeads * configuration.headSize
    queryNorm = LayerNormalization.Gradients(width: configuration.attentionSize)
    keyNorm = LayerNormalization.Gradients(width: keys)
    attentionNorm = LayerNormalization.Gradients(width: d)
    mlpNorm = attentionNorm
  }

  /// The gradients that were asked for beside their weights, by checkpoint key.
  ///
  /// - Throws: `LanguageModelError.gradientNotFinite`.
  func finished(
    layer: Int, _ weights: BlockWeights, of model: LanguageModel
  ) throws -> ParameterGradients {
    let (configuration, block) = (model.configuration, model.layout.blocks[layer])
    let (d, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    var found = NamedGradients()
    try found.put(block.queryKeyValue, queryKeyValue, weights.queryKeyValue, columns: d)
    try found.put([block.output], dense, weights.dense, columns: configuration.attentionSize)
    try found.put([block.down], down, weights.down, columns: inner)
    if selection == .all {
      try found.put(block.up, up, weights.up, columns: d)
      try found.put(
        block.queryKeyValueBias, queryKeyValueBias.map(Float.init), weights.queryKeyValueBias,
        columns: 1)
      try found.put(block.upBias, upBias.map(Float.init), weights.upBias, columns: 1)
      try found.put(block.outputBias, denseBias.map(Float.init), weights.denseBias)
      try found.put(block.downBias, downBias.map(Float.init), weights.downBias)
      try found.put(block.attentionNorm, attentionNorm, weights.attentionNorm)
      try found.put(block.mlpNorm, mlpNorm, weights.mlpNorm)
      if let norm = weights.queryNorm {
        try found.put(.init(scale: block.queryNorm), queryNorm, norm)
      }
      if let norm = weights.keyNorm { try found.put(.init(scale: block.keyNorm), keyNorm, norm) }
    }
    return ParameterGradients(
      layer: layer, gradients: found.gradients, weights: found.weights,
      analysed: (
        weights: AnalysedMatrices(
          configuration, queryKeyValue: weights.queryKeyValue, output: weights.dense,
          down: weights.down),
        gradients: AnalysedMatrices(
          configuration, queryKeyValue: queryKeyValue, output: dense, down: down)
      ))
  }
}

/// Gradients and weights by checkpoint key, each as stored.
private struct NamedGradients {
  var gradients: [String: [Float]] = [:]
  var weights: [String: [Float]] = [:]

  /// Cuts a matrix into the tensors that it was put together from.
  mutating func put(
    _ parts: [ParameterLayout.Part], _ gradient: [Float], _ weight: [Float], columns: Int
  ) throws {
    var first = 0
    for part in parts {
      let range = first..<first + part.rows * columns
      first = range.upperBound
      // One plain tensor is handed over as it is, without a copy.
      let isWhole = parts.count == 1 && !part.isTransposed
      try put(
        part.name, isWhole ? gradient : part.stored(gradient[range], columns: columns),
        isWhole ? weight : part.stored(weight[range], columns: columns))
    }
  }

  mutating func put(
    _ names: ParameterLayout.NormNames, _ gradient: LayerNormalization.Gradients,
    _ norm: LayerNormalization
  ) throws {
    try put(names.scale, gradient.scale.map(Float.init), norm.scale)
    try put(names.shift, gradient.shift.map(Float.init), norm.shift)
  }

  mutating func put(_ name: String?, _ gradient: [Float], _ weight: [Float]) throws {
    guard let name else { return }
    guard VectorMath.allFinite(gradient) else {
      throw LanguageModelError.gradientNotFinite(tensor: name)
    }
    gradients[name] = gradient
    weights[name] = weight
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
