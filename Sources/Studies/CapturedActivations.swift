import Capture
import LinearAlgebra
import Metrics
import Synchronization

/// The matrices of one capture, made ready for comparison when they are first asked for.
///
/// What was prepared is kept within a budget: the final checkpoint's is then made once for a run
/// instead of once for each of its checkpoints.
final class CapturedActivations: Sendable {
  private struct Kept {
    var prepared: [CapturedMatrix: [SimilarityReference]] = [:]
    var geometries: [GeometryName: ActivationGeometry] = [:]
    var bytes = 0
  }

  private let artifact: Artifact
  private let heads: Int
  private let resampling: [String: Resampling]
  private let keepsHeads: Bool
  private let kept = Mutex(Kept())

  /// Bytes that are kept at most.
  private static let budget = 1 << 30

  /// `resampling` by the word of the column `rows`. `keepsHeads` where many others are compared
  /// with this capture; a checkpoint whose layers serve once more, as the previous one, needs not.
  init(_ artifact: Artifact, heads: Int, resampling: [String: Resampling], keepsHeads: Bool) {
    self.artifact = artifact
    self.heads = heads
    self.resampling = resampling
    self.keepsHeads = keepsHeads
  }

  func matrix(_ name: CapturedMatrix) throws -> Matrix<Float> {
    try artifact.matrix(name.section)
  }

  /// The matrix ready for comparison; by head where it holds heads, else one.
  func prepared(_ name: CapturedMatrix) throws -> [SimilarityReference] {
    if let known = kept.withLock({ $0.prepared[name] }) { return known }
    let matrix = try matrix(name)
    guard let resampling = resampling[name.rows] else {
      preconditionFailure("no halves were drawn for rows \(name.rows)")
    }
    let parts = name.form == .heads ? byHead(matrix) : [matrix]
    let prepared = parts.map { SimilarityReference($0, resampling: resampling) }
    let size = Self.size(of: prepared, name, self.resampling)
    kept.withLock { kept in
      guard kept.bytes + size <= Self.budget else { return }
      kept.bytes += size
      kept.prepared[name] = prepared
    }
    return prepared
  }

  /// The matrix ready for one of the measures beside linear CKA; kept where many are compared.
  func geometry(_ name: CapturedMatrix, _ measure: SimilarityMeasure) throws -> ActivationGeometry {
    let place = GeometryName(matrix: name, measure: measure)
    if let known = kept.withLock({ $0.geometries[place] }) { return known }
    let matrix = try matrix(name)
    let geometry = ActivationGeometry(matrix, measures: [measure])
    // Distances, ranks and centred copies of the rows.
    let size = 8 * matrix.rows * (matrix.rows + 2 * matrix.columns)
    guard keepsHeads else { return geometry }
    kept.withLock { kept in
      guard kept.bytes + size <= Self.budget else { return }
      kept.bytes += size
      kept.geometries[place] = geometry
    }
    return geometry
  }

  private struct GeometryName: Hashable {
    let matrix: CapturedMatrix
    let measure: SimilarityMeasure
  }

  /// Lets go of what is not needed again.
  func forget(_ name: CapturedMatrix) {
    guard name.form == .heads, !keepsHeads else { return }
    kept.withLock { kept in
      guard let parts = kept.prepared.removeValue(forKey: name) else { return }
      kept.bytes -= Self.size(of: parts, name, resampling)
    }
  }

  /// Bytes: inner products of rows, and sums over halves.
  private static func size(
    of prepared: [SimilarityReference], _ name: CapturedMatrix, _ resampling: [String: Resampling]
  ) -> Int {
    guard let drawn = resampling[name.rows] else { return 0 }
    return prepared.count * 8 * drawn.groups.rows * (drawn.groups.rows + drawn.halves.count)
  }

  private func byHead(_ matrix: Matrix<Float>) -> [Matrix<Float>] {
    let size = matrix.columns / heads
    return (0..<heads).map { matrix.selectingColumns($0 * size..<($0 + 1) * size) }
  }
}
