import Capture
import Checkpoints
import LanguageModels
import LinearAlgebra
import Metrics

/// A run whose activations, weights and gradients were captured elsewhere, or whose similarities were
/// measured by the paper's code: nothing is computed from checkpoints.
struct ExportedRun: Sendable {
  enum Content: Sendable {
    case steps([ExportedStep])
    /// One value of each curve a step.
    case scores(PickledScores, steps: [Int])
  }

  let study: Study.Run
  let content: Content
  /// The step that the others are compared with.
  let final: Int

  var name: String { study.name }

  var steps: [Int] {
    switch content {
    case .steps(let steps): steps.map(\.step)
    case .scores(_, let steps): steps
    }
  }

  /// Whether it has values and no matrices.
  var scoresAlone: Bool { if case .scores = content { true } else { false } }

  func step(_ step: Int) -> ExportedStep? {
    guard case .steps(let steps) = content else { return nil }
    return steps.first { $0.step == step }
  }

  /// The final step, which says what the run holds.
  var reference: ExportedStep? { step(final) }

  /// One more than the highest layer.
  var layers: Int {
    switch content {
    case .scores(let scores, _): (scores.curves.map(\.layer).max() ?? -1) + 1
    case .steps:
      (reference.map { step in
        (Array(step.weights.keys) + step.captures.flatMap { $0.activations.keys })
          .map(\.layer).max() ?? -1
      } ?? -1) + 1
    }
  }

  /// The shape of the model as far as the matrices of the final step tell; `nil` where nothing does.
  var configuration: ModelConfiguration? {
    guard let reference else { return nil }
    let size =
      reference.weights.first { $0.key.role != .value }?.value.rows
      ?? reference.captures.lazy.compactMap { capture in
        capture.activations.first { $0.key.role != .value }?.value.columns
      }.first
    guard let size else { return nil }
    let heads = reference.heads ?? 1
    let queries = reference.weights.first { $0.key.role == .output }?.value.columns ?? size
    return ModelConfiguration(
      architecture: "exported", hiddenSize: size, layers: layers, heads: heads,
      headSize: queries / heads,
      intermediateSize: reference.weights.first { $0.key.role == .mlp }?.value.columns ?? size,
      vocabulary: 1, context: 1, positions: .learned, norm: .layer, normEpsilon: 1e-5,
      residual: .sequential, activation: .gelu, hasQueryKeyValueBias: true, hasOutputBias: true,
      hasMLPBias: true, tiesEmbeddings: false)
  }
}

extension ExportedStep {
  /// The matrix as it was exported.
  func matrix(_ exported: ExportedMatrix) throws -> Matrix<Float> {
    Matrix(rows: exported.rows, columns: exported.columns, elements: try exported.floats())
  }

  /// W_O and W_V of a layer, of the weights or of gradients; `nil` where one is missing. Grouped value
  /// heads are repeated for each of their query heads.
  func attention(
    _ layer: Int, in matrices: [ExportedName: ExportedMatrix]
  ) throws -> AttentionWeights? {
    guard let output = matrices[ExportedName(layer: layer, role: .output)],
      let value = matrices[ExportedName(layer: layer, role: .value)]
    else { return nil }
    let heads = heads ?? 1
    let values = try expanded(matrix(value), heads: heads, rows: true)
    guard output.columns == values.rows, values.rows % heads == 0 else {
      throw StudyError.output(
        "\(folder): layer \(layer): W_O has \(output.columns) columns, but W_V \(values.rows) rows"
          + " for \(heads) heads")
    }
    return AttentionWeights(output: try matrix(output), value: values, heads: heads)
  }

  /// The value activations of a layer [rows, H d_h]; `nil` where they were not exported.
  func values(_ layer: Int, of capture: ExportedCapture) throws -> Matrix<Float>? {
    guard let exported = capture.activations[ExportedName(layer: layer, role: .value)] else {
      return nil
    }
    return try expanded(matrix(exported), heads: heads ?? 1, rows: false)
  }

  /// Each key-value head once for every query head of its group.
  private func expanded(_ matrix: Matrix<Float>, heads: Int, rows: Bool) throws -> Matrix<Float> {
    guard let groups = keyValueHeads, groups != heads else { return matrix }
    let length = rows ? matrix.rows : matrix.columns
    guard heads % groups == 0, length % groups == 0 else {
      throw StudyError.output(
        "\(folder): \(heads) heads over \(groups) key-value heads do not fit \(length) values")
    }
    let size = length / groups
    let order = (0..<heads).flatMap { head in
      (0..<size).map { head / (heads / groups) * size + $0 }
    }
    return rows
      ? matrix.selectingRows(order) : matrix.transposed.selectingRows(order).transposed
  }
}
