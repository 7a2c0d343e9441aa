import LinearAlgebra

/// One layer's weights in memory, in the form that the model computes with.
struct BlockWeights: Sendable {
  let attentionNorm: LayerNormalization
  let mlpNorm: LayerNormalization
  /// Over all queries, and all keys, of a position; `nil` where there are none.
  let queryNorm: LayerNormalization?
  let keyNorm: LayerNormalization?
  /// [F, d], in the layout of `HeadLayout`.
  let queryKeyValue: [Float]
  /// F of them; empty, as all biases, where the model has none.
  let queryKeyValueBias: [Float]
  /// W_O, [d, H d_h].
  let dense: [Float]
  let denseBias: [Float]
  /// [inner, d], or [gate; up].
  let up: [Float]
  let upBias: [Float]
  /// W_down, [d, inner].
  let down: [Float]
  let downBias: [Float]
}

extension LanguageModel {
  /// Reads tensor `name` and throws if there are too few elements or one is NaN or infinite.
  func read(_ name: String) throws -> [Float] {
    let elements = try source.floats(name)
    let shape = source.shape(of: name) ?? []
    guard elements.count == shape.reduce(1, *) else {
      throw LanguageModelError.shape(tensor: name, expected: shape, found: [elements.count])
    }
    guard VectorMath.allFinite(elements) else {
      throw LanguageModelError.nonFinite(
        tensor: name, count: elements.count(where: { !$0.isFinite }))
    }
    return elements
  }

  func readBlock(_ layer: Int) throws -> BlockWeights {
    let block = layout.blocks[layer]
    let (d, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let keys = configuration.keyValueHeads * configuration.headSize
    func optional(_ name: String?) throws -> [Float] { try name.map(read) ?? [] }
    func norm(_ name: String?, width: Int) throws -> LayerNormalization? {
      try name.map { try self.norm(.init(scale: $0), width: width) }
    }
    return BlockWeights(
      attentionNorm: try self.norm(block.attentionNorm, width: d),
      mlpNorm: try self.norm(block.mlpNorm, width: d),
      queryNorm: try norm(block.queryNorm, width: configuration.attentionSize),
      keyNorm: try norm(block.keyNorm, width: keys),
      queryKeyValue: try matrix(block.queryKeyValue, columns: d),
      queryKeyValueBias: try block.queryKeyValueBias.flatMap { try read($0.name) },
      dense: try matrix([block.output], columns: configuration.attentionSize),
      denseBias: try optional(block.outputBias), up: try matrix(block.up, columns: d),
      upBias: try block.upBias.flatMap { try read($0.name) },
      down: try matrix([block.down], columns: inner), downBias: try optional(block.downBias))
  }

  /// The matrix whose rows are the parts' one after the other.
  private func matrix(_ parts: [ParameterLayout.Part], columns: Int) throws -> [Float] {
    if parts.count == 1 { return parts[0].rowMajor(try read(parts[0].name), columns: columns) }
    return try parts.flatMap { $0.rowMajor(try read($0.name), columns: columns) }
  }

  /// The analysed matrices of one layer's weights, all finite.
  package func analysedMatrices(layer: Int) throws -> AnalysedMatrices {
    let block = layout.blocks[layer]
    return AnalysedMatrices(
      configuration,
      queryKeyValue: try matrix(block.queryKeyValue, columns: configuration.hiddenSize),
      output: try matrix([block.output], columns: configuration.attentionSize),
      down: try matrix([block.down], columns: configuration.intermediateSize))
  }
}

extension ParameterLayout.Part {
  /// This part's rows [rows, columns] from the tensor as stored.
  func rowMajor(_ stored: [Float], columns: Int) -> [Float] {
    isTransposed
      ? Matrix(rows: columns, columns: rows, elements: stored).transposed.elements : stored
  }

  /// The tensor as stored from this part's rows [rows, columns].
  func stored(_ elements: ArraySlice<Float>, columns: Int) -> [Float] {
    isTransposed
      ? Matrix(rows: rows, columns: columns, elements: Array(elements)).transposed.elements
      : Array(elements)
  }
}
