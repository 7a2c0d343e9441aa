import LanguageModels
import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The C library's e^x.
func exponential(_ x: Double) -> Double { exp(x) }

/// GPT-NeoX in double precision, one sequence at a time, from the definition alone: the slow second
/// formula that the model is held against. Its own gradients are held against finite differences.
struct ReferenceNeoX {
  let configuration: ModelConfiguration
  /// By checkpoint key; a vector is one row.
  var weights: [String: Matrix<Double>]

  init(configuration: ModelConfiguration, weights: InMemoryWeights) {
    self.configuration = configuration
    self.weights = weights.tensors.mapValues { tensor in
      Matrix(
        rows: tensor.shape.count == 1 ? 1 : tensor.shape[0], columns: tensor.shape.last ?? 0,
        elements: tensor.elements.map(Double.init))
    }
  }

  func weight(_ layer: Int, _ suffix: String) -> Matrix<Double> {
    self[GPTNeoX.key(layer: layer, suffix)]
  }

  subscript(_ name: String) -> Matrix<Double> {
    guard let found = weights[name] else { preconditionFailure("no weight \(name)") }
    return found
  }

  /// A projection's bias, zero where the configuration has none.
  func attentionBias(_ layer: Int, _ suffix: String, count: Int) -> Matrix<Double> {
    configuration.hasQueryKeyValueBias ? weight(layer, suffix) : Matrix(rows: 1, columns: count)
  }

  var outputEmbeddingName: String {
    configuration.tiesEmbeddings ? "gpt_neox.embed_in.weight" : "embed_out.weight"
  }

  /// What one block computes for one sequence, [L, …].
  struct Block {
    var x, norm1, fused, context, attention, beforeMLP, norm2, preactivation, hidden, mlp,
      output: Matrix<Double>
    /// Turned queries and keys, values and attention weights, by head.
    var heads:
      [(
        query: Matrix<Double>, key: Matrix<Double>, value: Matrix<Double>,
        weights: Matrix<Double>
      )]
  }

  struct Run {
    var blocks: [Block]
    var final: Matrix<Double>
    var logits: Matrix<Double>
  }

  func run(_ tokens: [Int]) -> Run {
    var x = self["gpt_neox.embed_in.weight"].selectingRows(tokens)
    var blocks: [Block] = []
    for layer in 0..<configuration.layers {
      let block = runBlock(layer, x)
      x = block.output
      blocks.append(block)
    }
    let final = normalise(
      x, self["gpt_neox.final_layer_norm.weight"], self["gpt_neox.final_layer_norm.bias"])
    return Run(
      blocks: blocks, final: final,
      logits: final.multiplied(byTransposeOf: self[outputEmbeddingName]))
  }

  /// Mean next-token cross-entropy.
  func loss(_ batch: TokenBatch) -> Double {
    var sum = 0.0
    for sequence in 0..<batch.sequences {
      let tokens = batch.selecting(sequence..<sequence + 1).tokens
      let logits = run(tokens).logits
      for position in 0..<batch.length - 1 {
        sum -= Self.logSoftmax(logits.row(position))[tokens[position + 1]]
      }
    }
    return sum / Double(batch.sequences * (batch.length - 1))
  }

  private func runBlock(_ layer: Int, _ x: Matrix<Double>) -> Block {
    let (d, headSize) = (configuration.hiddenSize, configuration.headSize)
    let norm1 = normalise(
      x, weight(layer, "input_layernorm.weight"), weight(layer, "input_layernorm.bias"))
    let fused = linear(
      norm1, weight(layer, "attention.query_key_value.weight"),
      attentionBias(layer, "attention.query_key_value.bias", count: 3 * d))
    var context = Matrix<Double>(rows: x.rows, columns: d)
    var heads:
      [(
        query: Matrix<Double>, key: Matrix<Double>, value: Matrix<Double>,
        weights: Matrix<Double>
      )] = []
    for head in 0..<configuration.heads {
      let start = head * 3 * headSize
      let query = rotate(fused.selectingColumns(start..<start + headSize))
      let key = rotate(fused.selectingColumns(start + headSize..<start + 2 * headSize))
      let value = fused.selectingColumns(start + 2 * headSize..<start + 3 * headSize)
      var weights = Matrix<Double>(rows: x.rows, columns: x.rows)
      for i in 0..<x.rows {
        let scores = (0...i).map { j in
          (0..<headSize).reduce(0.0) { $0 + query[i, $1] * key[j, $1] }
            / Double(headSize).squareRoot()
        }
        for (j, value) in Self.logSoftmax(scores).enumerated() { weights[i, j] = exp(value) }
      }
      let mixed = weights.multiplied(by: value)
      for i in 0..<x.rows {
        for k in 0..<headSize { context[i, head * headSize + k] = mixed[i, k] }
      }
      heads.append((query, key, value, weights))
    }
    let attention = linear(
      context, weight(layer, "attention.dense.weight"),
      attentionBias(layer, "attention.dense.bias", count: d))
    let beforeMLP = (configuration.residual == .parallel) ? x : x.adding(attention)
    let norm2 = normalise(
      beforeMLP, weight(layer, "post_attention_layernorm.weight"),
      weight(layer, "post_attention_layernorm.bias"))
    let preactivation = linear(
      norm2, weight(layer, "mlp.dense_h_to_4h.weight"), weight(layer, "mlp.dense_h_to_4h.bias"))
    var hidden = preactivation
    hidden.elements = preactivation.elements.map(configuration.activation.referenceValue)
    let mlp = linear(
      hidden, weight(layer, "mlp.dense_4h_to_h.weight"), weight(layer, "mlp.dense_4h_to_h.bias"))
    return Block(
      x: x, norm1: norm1, fused: fused, context: context, attention: attention,
      beforeMLP: beforeMLP, norm2: norm2, preactivation: preactivation, hidden: hidden, mlp: mlp,
      output: x.adding(attention).adding(mlp), heads: heads)
  }

  func normalise(
    _ x: Matrix<Double>, _ scale: Matrix<Double>, _ shift: Matrix<Double>
  ) -> Matrix<Double> {
    var y = x
    for row in 0..<x.rows {
      let (unit, _) = self.unit(x.row(row))
      for column in 0..<x.columns {
        y[row, column] = unit[column] * scale[0, column] + shift[0, column]
      }
    }
    return y
  }

  /// (x - mean) / σ and 1 / σ of one row.
  func unit(_ row: [Double]) -> (unit: [Double], inverse: Double) {
    let mean = row.reduce(0, +) / Double(row.count)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
    let inverse = 1 / (variance + configuration.normEpsilon).squareRoot()
    return (row.map { ($0 - mean) * inverse }, inverse)
  }

  private func linear(
    _ x: Matrix<Double>, _ weight: Matrix<Double>, _ bias: Matrix<Double>
  ) -> Matrix<Double> {
    var y = x.multiplied(byTransposeOf: weight)
    for row in 0..<y.rows {
      for column in 0..<y.columns { y[row, column] += bias[0, column] }
    }
    return y
  }

  /// Turns the first `rotaryDimensions` features of each position's row; the other way round for
  /// `direction` -1.
  func rotate(_ x: Matrix<Double>, direction: Double = 1) -> Matrix<Double> {
    let turned = configuration.rotary.dimensions
    let half = turned / 2
    var y = x
    for position in 0..<x.rows {
      for i in 0..<half {
        let angle =
          direction * Double(position)
          / pow(configuration.rotary.base, Double(2 * i) / Double(turned))
        let (a, b) = (x[position, i], x[position, i + half])
        y[position, i] = a * cos(angle) - b * sin(angle)
        y[position, i + half] = b * cos(angle) + a * sin(angle)
      }
    }
    return y
  }

  static func logSoftmax(_ z: [Double]) -> [Double] {
    let largest = z.max() ?? 0
    let logSum = largest + log(z.reduce(0) { $0 + exp($1 - largest) })
    return z.map { $0 - logSum }
  }
}

extension Matrix<Double> {
  func row(_ index: Int) -> [Double] {
    Array(elements[index * columns..<(index + 1) * columns])
  }

  func adding(_ other: Matrix) -> Matrix {
    Matrix(
      rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 + $1 })
  }
}
