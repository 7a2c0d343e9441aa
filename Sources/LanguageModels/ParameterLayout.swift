/// Where a model's parameters stand in a checkpoint: names and stored forms.
///
/// The model computes with matrices in one form: the fused projection [F, d] of queries, keys and
/// values, W_O [d, H d_h], the MLP's first [inner, d] or [gate; up] and second [d, inner]. A layout
/// says which tensors these are put together from.
package struct ParameterLayout: Sendable {
  /// Some rows of a matrix [rows, columns] as a tensor of its own.
  struct Part: Sendable, Equatable {
    let name: String
    let rows: Int
    /// Stored as [columns, rows] (GPT-2's Conv1D).
    var isTransposed = false
  }

  /// A norm's scale and shift; `nil` for what it does not have.
  struct NormNames: Sendable, Equatable {
    var scale: String?
    var shift: String?
  }

  /// The tensors of one block.
  struct Block: Sendable, Equatable {
    var attentionNorm: NormNames
    var mlpNorm: NormNames
    var queryKeyValue: [Part]
    var queryKeyValueBias: [Part] = []
    var queryNorm: String?
    var keyNorm: String?
    var output: Part
    var outputBias: String?
    var up: [Part]
    var upBias: [Part] = []
    var down: Part
    var downBias: String?
  }

  var inputEmbedding: String
  var positionEmbedding: String?
  /// The output embedding where it is one of its own.
  var outputEmbedding: String?
  var finalNorm: NormNames
  /// By layer.
  var blocks: [Block]
}

extension ParameterLayout {
  package struct Parameter: Sendable, Equatable {
    package let name: String
    package let shape: [Int]

    package var count: Int { shape.reduce(1, *) }
  }

  /// Every parameter of the model, input embedding first.
  package func parameters(_ configuration: ModelConfiguration) -> [Parameter] {
    let d = configuration.hiddenSize
    let embedding = [configuration.vocabulary, d]
    var parameters = [Parameter(name: inputEmbedding, shape: embedding)]
    if let positionEmbedding {
      parameters.append(Parameter(name: positionEmbedding, shape: [configuration.context, d]))
    }
    for block in blocks { parameters += block.parameters(configuration) }
    parameters += finalNorm.parameters(width: d)
    if let outputEmbedding { parameters.append(Parameter(name: outputEmbedding, shape: embedding)) }
    return parameters
  }
}

extension ParameterLayout.NormNames {
  func parameters(width: Int) -> [ParameterLayout.Parameter] {
    [scale, shift].compactMap { name in
      name.map { ParameterLayout.Parameter(name: $0, shape: [width]) }
    }
  }
}

extension ParameterLayout.Part {
  /// - columns: of the matrix; `nil` for a vector.
  func parameter(columns: Int?) -> ParameterLayout.Parameter {
    ParameterLayout.Parameter(
      name: name, shape: columns.map { isTransposed ? [$0, rows] : [rows, $0] } ?? [rows])
  }
}

extension ParameterLayout.Block {
  func parameters(_ configuration: ModelConfiguration) -> [ParameterLayout.Parameter] {
    let d = configuration.hiddenSize
    var parameters = attentionNorm.parameters(width: d) + mlpNorm.parameters(width: d)
    parameters += queryKeyValue.map { $0.parameter(columns: d) }
    parameters += queryKeyValueBias.map { $0.parameter(columns: nil) }
    let keys = configuration.keyValueHeads * configuration.headSize
    for (name, size) in [
      (queryNorm, configuration.attentionSize), (keyNorm, keys), (outputBias, d), (downBias, d),
    ] {
      if let name { parameters.append(ParameterLayout.Parameter(name: name, shape: [size])) }
    }
    parameters.append(output.parameter(columns: configuration.attentionSize))
    parameters += up.map { $0.parameter(columns: d) } + upBias.map { $0.parameter(columns: nil) }
    parameters.append(down.parameter(columns: configuration.intermediateSize))
    return parameters
  }

  /// The tensors of the analysed matrices (METHODS section 2).
  var analysed: [String] { [down.name] + queryKeyValue.map(\.name) + [output.name] }
}
