/// Shards as array jobs that Slurm accepts.
///
/// MaxArraySize caps the index, not the number of tasks (slurm.schedmd.com/job_array.html): the largest is
/// one less. So every array counts from 0, and its task t does the shard `offset` + t + 1.
struct SlurmArrays: Sendable, Equatable {
  struct Chunk: Sendable, Equatable {
    /// Shards before the first that the array could hold.
    let offset: Int
    /// Indices of the array, ascending.
    let indices: [Int]
    /// Tasks that run at once.
    let limit: Int?
    /// The chunk that has to end before this one begins, where there are more chunks than may run at once.
    let after: Int?

    var shards: [Int] { indices.map { offset + $0 + 1 } }
  }

  let chunks: [Chunk]
  /// Whether these are arrays, not single jobs of a Slurm that takes none.
  let isArray: Bool
  /// How many tasks may run at once, over all arrays.
  let limit: Int?

  /// - shards: those that owe something, from 1.
  /// - largest: MaxArraySize; 0 where arrays are switched off.
  /// - limit: how many tasks may run at once, over all arrays.
  init(shards: [Int], largest: Int, limit: Int?) {
    isArray = largest > 0
    self.limit = limit
    let size = max(1, largest)
    let groups = Dictionary(grouping: shards.map { $0 - 1 }) { $0 / size }
      .sorted { $0.key < $1.key }
    // Arrays side by side share the limit; those beyond it wait for one another.
    let side = limit.map { min($0, groups.count) }
    chunks = groups.enumerated().map { place, group in
      Chunk(
        offset: group.key * size, indices: group.value.map { $0 - group.key * size }.sorted(),
        limit: limit.map { $0 / max(1, side ?? 1) },
        after: side.flatMap { place >= $0 ? place - $0 : nil })
    }
  }

  /// `0-3,7%2`: the indices with runs written short, and the limit.
  static func text(_ chunk: Chunk) -> String {
    ranges(chunk.indices) + (chunk.limit.map { "%\($0)" } ?? "")
  }

  /// Ascending numbers, runs of neighbours as `first-last`.
  static func ranges(_ numbers: [Int]) -> String {
    var runs: [(first: Int, last: Int)] = []
    for number in numbers {
      if let last = runs.last?.last, last + 1 == number {
        runs[runs.count - 1].last = number
      } else {
        runs.append((number, number))
      }
    }
    return runs.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
      .joined(separator: ",")
  }
}
