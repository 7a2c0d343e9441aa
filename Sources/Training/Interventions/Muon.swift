import LinearAlgebra

/// Orthogonalised updates (Jordan et al. 2024): the momentum of a matrix is replaced by its polar factor,
/// so that every direction of the update has the same length. Raises the rank of the updates.
///
/// The update's root mean square is that of AdamW's, 0.2 √max(m, n) per unit of the learning rate (Liu et
/// al. 2025, eq. 4), so that both share one learning rate. Embeddings, biases and norms stay with AdamW.
struct Muon: Intervention {
  let settings: InterventionSettings

  func rule(for matrix: BlockMatrix) -> UpdateRule? { .muon(factor: settings.strength) }

  /// β of the momentum, which is the running mean that AdamW keeps too.
  static let momentum = 0.95

  /// The update of a matrix for a learning rate of 1: Nesterov's momentum, orthogonalised and scaled.
  static func update(gradient: Matrix<Float>, momentum: Matrix<Float>) -> Matrix<Float> {
    let ahead = Float(Self.momentum)
    let elements = zip(gradient.elements, momentum.elements).map { $0 + ahead * ($1 - $0) }
    var update = NewtonSchulz.polarFactor(
      of: Matrix(rows: gradient.rows, columns: gradient.columns, elements: elements))
    let scale = 0.2 * Float(max(gradient.rows, gradient.columns)).squareRoot()
    for index in update.elements.indices { update.elements[index] *= scale }
    return update
  }
}

/// The polar factor U Vᵀ of U S Vᵀ by an iteration of odd polynomials in the matrix: products alone.
enum NewtonSchulz {
  /// Five steps that lift every singular value above about 10⁻³ of the norm to [0.68, 1.13] (Jordan et al.
  /// 2024), then three that converge to 1 to the third order.
  private static let steps: [(a: Float, b: Float, c: Float)] =
    .init(repeating: (3.4445, -4.7750, 2.0315), count: 5)
    + .init(repeating: (1.875, -1.25, 0.375), count: 3)

  /// U Vᵀ; a zero matrix stays zero. Directions far below 10⁻³ of the norm come out shorter than 1.
  static func polarFactor(of matrix: Matrix<Float>) -> Matrix<Float> {
    let norm = matrix.squaredFrobeniusNorm.squareRoot()
    guard norm > 0 else { return matrix }
    // The Gram matrix of the shorter side is the cheaper one.
    let isTall = matrix.rows > matrix.columns
    var x = isTall ? matrix.transposed : matrix
    let reciprocal = Float(1 / norm)
    for index in x.elements.indices { x.elements[index] *= reciprocal }
    for (a, b, c) in steps {
      // X ← a X + (b A + c A²) X with A = X Xᵀ.
      let gram = x.multiplied(byTransposeOf: x)
      var polynomial = gram.multiplied(by: gram)
      for index in polynomial.elements.indices {
        polynomial.elements[index] = b * gram.elements[index] + c * polynomial.elements[index]
      }
      var next = polynomial.multiplied(by: x)
      for index in next.elements.indices { next.elements[index] += a * x.elements[index] }
      x = next
    }
    return isTall ? x.transposed : x
  }
}
