import Foundation
package import LinearAlgebra
import Statistics

/// One activation matrix made ready to be compared by the measures that a study names beside linear
/// CKA: each distance, basis and rank list is computed once, whatever it is compared with.
package struct ActivationGeometry: Sendable {
  /// The nearest rows that `knn_overlap` compares.
  package static let neighbourCount = 10

  private let rows: Int
  private let measures: Set<SimilarityMeasure>
  /// Why no measure has a value.
  private let gap: Gap?
  /// X [n, p], centred and scaled by a power of two.
  private let centered: Matrix<Double>
  private let kernel: Result<CenteredGram, Gap>
  private let ranks: Result<[Double], Gap>
  private let neighbours: Result<[Set<Int>], Gap>
  private let basis: Result<VarianceBasis, Gap>

  /// Prepares `activations` [n, p] for `measures`.
  package init<Scalar: BLASScalar>(
    _ activations: Matrix<Scalar>, measures: Set<SimilarityMeasure>
  ) {
    rows = activations.rows
    self.measures = measures
    let centered: Matrix<Double>
    switch activations.centeredAndScaled() {
    case .success(let scaled):
      centered = scaled.rows
      gap = nil
    case .failure(let reason):
      self.centered = Matrix(rows: 0, columns: 0)
      gap = reason
      (kernel, ranks) = (.failure(reason), .failure(reason))
      (neighbours, basis) = (.failure(reason), .failure(reason))
      return
    }
    self.centered = centered
    let needsGram = !measures.isDisjoint(with: [
      .rbfCKA, .rsa, .neighbourOverlap, .svcca, .pwcca, .procrustes,
    ])
    let gram = needsGram ? centered.rowGram : Matrix(rows: 0, columns: 0)
    let needsDistances = !measures.isDisjoint(with: [.rbfCKA, .rsa, .neighbourOverlap])
    let distances = needsDistances ? RowDistances(centered, gram: gram) : nil
    func piece<Value>(
      _ wanted: Set<SimilarityMeasure>, _ make: () throws(Gap) -> Value?
    ) -> Result<Value, Gap> {
      guard !measures.isDisjoint(with: wanted) else { return .failure(.notRequested) }
      return Result { () throws(Gap) in
        guard let value = try make() else { throw .notRequested }
        return value
      }
    }
    kernel = piece([.rbfCKA]) { () throws(Gap) in try distances?.gaussianKernel() }
    ranks = piece([.rsa]) { () throws(Gap) in try distances?.ranks() }
    neighbours = piece([.neighbourOverlap]) { () throws(Gap) in
      try distances?.neighbours(Self.neighbourCount)
    }
    basis = piece([.svcca, .pwcca, .procrustes]) { () throws(Gap) in
      try VarianceBasis(centered, gram: gram)
    }
  }

  /// The similarity of X, prepared for the same measures, to this matrix over the same rows; 1 for
  /// identical matrices. PWCCA weighs by X.
  package func similarities(of x: ActivationGeometry) -> [SimilarityMeasure: Result<Double, Gap>] {
    precondition(x.rows == rows, "\(x.rows) rows against \(rows): rows must be matched")
    let wanted = measures.intersection(x.measures)
    return Dictionary(
      uniqueKeysWithValues: wanted.map { measure in
        (measure, Result { () throws(Gap) in try similarity(measure, of: x) })
      })
  }

  private func similarity(_ measure: SimilarityMeasure, of x: ActivationGeometry) throws(Gap)
    -> Double
  {
    if let gap = x.gap ?? gap { throw gap }
    switch measure {
    case .rbfCKA:
      return try x.kernel.get().similarity(to: kernel.get(), estimator: .biased)
    case .svcca:
      return try CanonicalCorrelations(x.basis.get(), basis.get()).mean
    case .pwcca:
      return try CanonicalCorrelations(x.basis.get(), basis.get()).mean(weightedBy: x.centered)
    case .procrustes:
      return try procrustes(x.basis.get(), basis.get())
    case .rsa:
      guard let rho = pearson(try x.ranks.get(), try ranks.get()) else {
        throw .constantDistances
      }
      return rho
    case .cosine:
      return try matchedCosine(x.centered, centered)
    case .neighbourOverlap:
      let (own, other) = (try x.neighbours.get(), try neighbours.get())
      let shared = zip(own, other).reduce(0) { $0 + $1.0.intersection($1.1).count }
      return Double(shared) / Double(rows * Self.neighbourCount)
    }
  }

  /// 1 − 2/π arccos(‖XᵀY‖_* / (‖X‖_F ‖Y‖_F)), in [0, 1]. Williams et al. 2021.
  private func procrustes(_ x: VarianceBasis, _ y: VarianceBasis) throws(Gap) -> Double {
    let product = x.scaledDirections.transposeMultiplied(by: y.scaledDirections)
    let spectrum = try Spectrum(of: product, route: .exact)
    let norms = dotProduct(x.values, x.values) * dotProduct(y.values, y.values)
    return 1 - 2 / Double.pi * acos(min(1, spectrum.nuclearNorm / norms.squareRoot()))
  }

  /// The mean over rows of x_i · y_i / (‖x_i‖ ‖y_i‖), in [−1, 1].
  private func matchedCosine(_ x: Matrix<Double>, _ y: Matrix<Double>) throws(Gap) -> Double {
    guard x.columns == y.columns else { throw .differentFeatures }
    let (products, own, other) = (x.rowDots(y), x.rowDots(x), y.rowDots(y))
    var sum = 0.0
    for row in products.indices {
      guard own[row] > 0, other[row] > 0 else { throw .zeroRow }
      sum += products[row] / (own[row].squareRoot() * other[row].squareRoot())
    }
    return sum / Double(rows)
  }
}
