package import LinearAlgebra

/// The output projection W_O, [d, H d_h], applied to value activations: whole, or head by head without
/// ever forming a head's [rows, d] activation.
///
/// Head h owns columns W_O[:, h] = Q_h R_h (QR). Its OV activation V_h W_O[:, h]ᵀ = V_h R_hᵀ Q_hᵀ has
/// the inner products of V_h R_hᵀ, [rows, d_h], since Q_h has orthonormal columns: everything that
/// linear CKA sees, in d_h columns instead of d.
package struct HeadProjection {
  private let output: Matrix<Float>
  private let heads: Int
  /// R_hᵀ by head, [d_h, d_h]; empty where heads are not wanted.
  private let cores: [Matrix<Double>]

  package init(_ output: Matrix<Float>, heads: Int, byHead: Bool) throws {
    self.output = output
    self.heads = heads
    let size = output.columns / heads
    cores =
      byHead
      ? try (0..<heads).map { head in
        let columns = output.selectingColumns(head * size..<(head + 1) * size).upcast
        return try QRFactorization(of: columns).r.transposed
      } : []
  }

  /// V W_Oᵀ, [rows, d].
  package func project(_ values: Matrix<Float>) -> Matrix<Float> {
    values.multiplied(byTransposeOf: output)
  }

  /// V_h R_hᵀ for every head, side by side, [rows, d].
  package func compress(_ values: Matrix<Float>) -> Matrix<Float> {
    let size = values.columns / heads
    var compressed = Matrix<Float>(rows: values.rows, columns: values.columns)
    for (head, core) in cores.enumerated() {
      let own = values.selectingColumns(head * size..<(head + 1) * size).upcast.multiplied(by: core)
      for row in 0..<values.rows {
        for column in 0..<size {
          compressed[row, head * size + column] = Float(own[row, column])
        }
      }
    }
    return compressed
  }
}
