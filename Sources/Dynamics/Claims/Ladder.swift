import Foundation

/// Runs of different sizes that are compared; runs of equal parameters are seeds of one size.
struct Ladder: Sendable {
  struct Size: Sendable {
    let parameters: Int
    let nonEmbedding: Int?
    /// Sorted.
    let runs: [String]

    /// log₁₀ of the parameters.
    func x(nonEmbedding: Bool) -> Double? {
      let count = nonEmbedding ? self.nonEmbedding : parameters
      return count.map { log10(Double($0)) }
    }
  }

  /// A trend needs so many sizes.
  static let fewestSizes = 4

  let group: String
  /// Ascending.
  let sizes: [Size]
  /// Runs of the group whose parameters are not known.
  let unsized: [String]

  /// The ladders of the runs without an intervention, that with most sizes first, then by name.
  static func all(of runs: [RunDescription]) -> [Ladder] {
    let groups = Dictionary(grouping: runs.filter(\.arm.isEmpty)) { $0.group }
    return groups.map { group, runs in Ladder(group, runs) }.sorted { a, b in
      a.sizes.count != b.sizes.count
        ? a.sizes.count > b.sizes.count : precedes(a.group, b.group)
    }
  }

  private init(_ group: String, _ runs: [RunDescription]) {
    self.group = group
    let sized = runs.filter { ($0.parameters ?? 0) > 0 }
    sizes = Dictionary(grouping: sized) { $0.parameters ?? 0 }.map { parameters, runs in
      Size(
        parameters: parameters, nonEmbedding: runs.compactMap(\.nonEmbeddingParameters).min(),
        runs: runs.map(\.run).sorted(by: precedes))
    }.sorted { $0.parameters < $1.parameters }
    unsized = runs.filter { ($0.parameters ?? 0) <= 0 }.map(\.run).sorted(by: precedes)
  }
}
