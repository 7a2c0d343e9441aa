import LinearAlgebra

/// C = Σ x_i y_iᵀ [p, q] over all rows, and over the rows of each group.
///
/// The total is in Double. The groups' products, needed only for what is left without one of them,
/// are kept in Float: half the memory, and an error of 1e-7 in an interval.
struct GroupedProducts: Sendable {
  let features: Int
  let otherFeatures: Int
  private(set) var total: [Double]
  private var parts: [[Float]]
  /// The products of the group whose rows are coming in.
  private var current: [Double] = []
  private var currentGroup: Int?

  /// `groups` 0 keeps the total alone.
  init(features p: Int, _ q: Int, groups: Int) {
    (features, otherFeatures) = (p, q)
    total = .init(repeating: 0, count: p * q)
    parts = .init(repeating: [], count: groups)
  }

  /// Adds the rows of X [rows, p] and Y [rows, q]. Rows of one group best come together: a change of
  /// group costs p q additions.
  mutating func add(
    _ x: [Double], _ y: [Double], rows: Int, group: Int, lanes: Lanes = .single
  ) {
    let (p, q) = (features, otherFeatures)
    guard rows > 0, p > 0, q > 0 else { return }
    guard !parts.isEmpty else {
      lanes.gemm(
        .transposed, .none, m: p, n: q, k: rows, x, lda: p, y, ldb: q, beta: 1, &total, ldc: q)
      return
    }
    precondition(parts.indices.contains(group), "group \(group) of \(parts.count)")
    if currentGroup != group {
      finishGroup()
      currentGroup = group
      current = .init(repeating: 0, count: p * q)
    }
    lanes.gemm(
      .transposed, .none, m: p, n: q, k: rows, x, lda: p, y, ldb: q, beta: 1, &current, ldc: q)
  }

  /// Brings the group whose rows are coming in into the totals.
  mutating func finishGroup() {
    guard let group = currentGroup else { return }
    if parts[group].isEmpty { parts[group] = .init(repeating: 0, count: total.count) }
    for index in total.indices {
      total[index] += current[index]
      parts[group][index] += Float(current[index])
    }
    (current, currentGroup) = ([], nil)
  }

  /// HSIC of all rows, or of those outside one group.
  func hsic(_ estimator: CKAEstimator, _ sums: HSICSums, without group: Int? = nil) -> Double {
    precondition(currentGroup == nil, "a group is still open")
    let q = otherFeatures
    return total.withUnsafeBufferPointer { total in
      guard let group, !parts[group].isEmpty else {
        return sums.hsic(estimator) { a, b in total[a * q + b] }
      }
      return parts[group].withUnsafeBufferPointer { part in
        sums.hsic(estimator) { a, b in total[a * q + b] - Double(part[a * q + b]) }
      }
    }
  }

  /// ‖C‖²_F.
  var squaredNorm: Double { dotProduct(total, total) }
}
