import LanguageModels
import LinearAlgebra

extension ReferenceNeoX {
  /// The gradient of `loss(batch)` for every parameter, by checkpoint key.
  func gradients(_ batch: TokenBatch) -> [String: Matrix<Double>] {
    var sums = Sums(weights.mapValues { Matrix(rows: $0.rows, columns: $0.columns) })
    let scale = 1 / Double(batch.sequences * (batch.length - 1))
    for sequence in 0..<batch.sequences {
      let tokens = batch.selecting(sequence..<sequence + 1).tokens
      let run = run(tokens)
      var dLogits = Matrix<Double>(rows: batch.length, columns: configuration.vocabulary)
      for position in 0..<batch.length - 1 {
        for (token, value) in Self.softmax(run.logits.row(position)).enumerated() {
          dLogits[position, token] = scale * (value - (token == tokens[position + 1] ? 1 : 0))
        }
      }
      sums.add(outputEmbeddingName, dLogits.transposeMultiplied(by: run.final))
      var dx = normGradient(
        dLogits.multiplied(by: self[outputEmbeddingName]),
        at: run.blocks[run.blocks.count - 1].output, "gpt_neox.final_layer_norm", &sums)
      for (layer, block) in run.blocks.enumerated().reversed() {
        dx = blockGradient(layer, block, dx, &sums)
      }
      for (position, token) in tokens.enumerated() {
        sums.addRow("gpt_neox.embed_in.weight", token, dx.row(position))
      }
    }
    return sums.gradients
  }

  private struct Sums {
    var gradients: [String: Matrix<Double>]

    init(_ gradients: [String: Matrix<Double>]) { self.gradients = gradients }

    mutating func add(_ name: String, _ gradient: Matrix<Double>) {
      // A bias that the configuration does not have is left out.
      guard let before = gradients[name] else { return }
      gradients[name] = before.adding(gradient)
    }

    mutating func addRow(_ name: String, _ row: Int, _ values: [Double]) {
      for (column, value) in values.enumerated() { gradients[name]?[row, column] += value }
    }
  }

  private func blockGradient(
    _ layer: Int, _ block: Block, _ dy: Matrix<Double>, _ sums: inout Sums
  ) -> Matrix<Double> {
    let prefix = "gpt_neox.layers.\(layer)"
    var dPre = linearGradient(dy, block.hidden, "\(prefix).mlp.dense_4h_to_h", &sums)
    for index in dPre.elements.indices {
      dPre.elements[index] *=
        configuration.activation.referenceDerivative(block.preactivation.elements[index])
    }
    let dNorm2 = linearGradient(dPre, block.norm2, "\(prefix).mlp.dense_h_to_4h", &sums)
    let dBefore = normGradient(
      dNorm2, at: block.beforeMLP, "\(prefix).post_attention_layernorm", &sums)
    let dAttention = (configuration.residual == .parallel) ? dy : dy.adding(dBefore)
    let dContext = linearGradient(
      dAttention, block.context, "\(prefix).attention.dense", &sums)
    let dNorm1 = linearGradient(
      mixingGradient(dContext, block), block.norm1, "\(prefix).attention.query_key_value", &sums)
    let dx = normGradient(dNorm1, at: block.x, "\(prefix).input_layernorm", &sums)
    return dy.adding(dBefore).adding(dx)
  }

  /// The gradient of the fused projection, heads interleaved.
  private func mixingGradient(_ dContext: Matrix<Double>, _ block: Block) -> Matrix<Double> {
    let headSize = configuration.headSize
    var dFused = Matrix<Double>(rows: dContext.rows, columns: 3 * configuration.hiddenSize)
    for (index, head) in block.heads.enumerated() {
      let d = dContext.selectingColumns(index * headSize..<(index + 1) * headSize)
      var dScores = d.multiplied(byTransposeOf: head.value)
      for i in 0..<d.rows {
        let inner = (0..<d.rows).reduce(0.0) { $0 + dScores[i, $1] * head.weights[i, $1] }
        for j in 0..<d.rows {
          dScores[i, j] =
            head.weights[i, j] * (dScores[i, j] - inner) / Double(headSize).squareRoot()
        }
      }
      let parts = [
        rotate(dScores.multiplied(by: head.key), direction: -1),
        rotate(dScores.transposeMultiplied(by: head.query), direction: -1),
        head.weights.transposeMultiplied(by: d),
      ]
      for (part, gradient) in parts.enumerated() {
        for i in 0..<d.rows {
          for k in 0..<headSize {
            dFused[i, (index * 3 + part) * headSize + k] = gradient[i, k]
          }
        }
      }
    }
    return dFused
  }

  private func linearGradient(
    _ dy: Matrix<Double>, _ x: Matrix<Double>, _ name: String, _ sums: inout Sums
  ) -> Matrix<Double> {
    sums.add("\(name).weight", dy.transposeMultiplied(by: x))
    sums.add("\(name).bias", dy.columnSums)
    return dy.multiplied(by: self["\(name).weight"])
  }

  private func normGradient(
    _ dy: Matrix<Double>, at x: Matrix<Double>, _ name: String, _ sums: inout Sums
  ) -> Matrix<Double> {
    let scale = self["\(name).weight"]
    var dx = dy
    var dScale = dy
    for row in 0..<x.rows {
      let (unit, inverse) = unit(x.row(row))
      let g = (0..<x.columns).map { dy[row, $0] * scale[0, $0] }
      let mean = g.reduce(0, +) / Double(x.columns)
      let projection = zip(g, unit).reduce(0) { $0 + $1.0 * $1.1 } / Double(x.columns)
      for column in 0..<x.columns {
        dScale[row, column] = dy[row, column] * unit[column]
        dx[row, column] = inverse * (g[column] - mean - unit[column] * projection)
      }
    }
    sums.add("\(name).weight", dScale.columnSums)
    sums.add("\(name).bias", dy.columnSums)
    return dx
  }

  static func softmax(_ z: [Double]) -> [Double] { logSoftmax(z).map { exponential($0) } }
}

extension Matrix<Double> {
  var columnSums: Matrix {
    var sums = Matrix(rows: 1, columns: columns)
    for row in 0..<rows {
      for column in 0..<columns { sums[0, column] += self[row, column] }
    }
    return sums
  }
}
