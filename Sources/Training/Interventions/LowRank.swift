import LinearAlgebra

/// A control that lowers the rank for good: W = L R with r = (1 - strength) min(m, n) columns in L, both
/// trained in its place. It begins at the best approximation of that rank, shared evenly between both
/// (Khodak et al. 2021), scaled to keep the Frobenius norm.
struct LowRank: Intervention {
  let settings: InterventionSettings

  func begin(_ state: inout TrainingState) throws {
    let step = state.step
    state.tensors = try state.tensors.flatMap { tensor -> [TrainedTensor] in
      guard let matrix = BlockMatrix(tensor: tensor.name), settings.covers(matrix) else {
        return [tensor]
      }
      let (left, right) = try Self.factors(of: tensor.matrix, rank: rank(tensor.shape))
      return [
        TrainedTensor(left, name: tensor.name + TrainedTensor.leftFactor, since: step),
        TrainedTensor(right, name: tensor.name + TrainedTensor.rightFactor, since: step),
      ]
    }
  }

  func rank(_ shape: [Int]) -> Int {
    max(1, Int(((1 - settings.strength) * Double(shape.min() ?? 1)).rounded()))
  }

  /// L = U √S and R = √S Vᵀ over the first `rank` singular triples.
  static func factors(
    of matrix: Matrix<Float>, rank: Int
  ) throws -> (left: Matrix<Float>, right: Matrix<Float>) {
    let svd = try ThinSVD(of: matrix)
    let kept = svd.values[..<rank]
    let (all, part) = (
      svd.values.reduce(0) { $0 + $1 * $1 }, kept.reduce(0) { $0 + $1 * $1 }
    )
    let scale = part > 0 ? (all / part).squareRoot().squareRoot() : 1
    var left = Matrix<Float>(rows: matrix.rows, columns: rank)
    var right = Matrix<Float>(rows: rank, columns: matrix.columns)
    for (index, value) in kept.enumerated() {
      let root = value.squareRoot() * scale
      for row in 0..<matrix.rows { left[row, index] = Float(svd.u[row, index] * root) }
      for column in 0..<matrix.columns {
        right[index, column] = Float(svd.vTransposed[index, column] * root)
      }
    }
    return (left, right)
  }
}
