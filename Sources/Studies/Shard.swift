import Capture

/// A slice of a study's work: i of n, from 1.
///
/// Checkpoints are cut into n runs of neighbours, so that a shard mostly has what it compares with.
/// Which units a shard does changes no result: a unit's artifact depends on contents alone.
package struct Shard: Sendable, Equatable, CustomStringConvertible {
  package let index: Int
  package let count: Int

  /// Largest number of shards: beyond it a task would be shorter than its start.
  package static let most = 100_000

  /// `i/n` with 1 ≤ i ≤ n; `nil` for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
      (1...Self.most).contains(count), (1...count).contains(index)
    else { return nil }
    self.index = index
    self.count = count
  }

  package var description: String { "\(index)/\(count)" }

  /// The shard, from 1, that the item at `place` of `total` belongs to.
  static func owner(of place: Int, total: Int, shards: Int) -> Int {
    place * shards / max(1, total) + 1
  }
}

/// The checkpoints of one shard, and those whose content it has to know as well.
struct ShardSlice: Sendable {
  /// The units of these checkpoints are this shard's.
  let own: Set<CheckpointName>
  /// Runs whose audit is this shard's.
  let audited: Set<String>
  /// Own checkpoints, what they are compared with, and all of the audited runs.
  let known: Set<CheckpointName>

  /// These checkpoints, beside `known` ones that they are compared with, and no audit.
  init(own: Set<CheckpointName>, known: Set<CheckpointName>) {
    self.own = own
    self.known = known
    audited = []
  }

  /// The slice of `shard`; all of the study where there is none.
  init(_ shard: Shard?, of inventory: StudyInventory) {
    let all = inventory.runs.flatMap { run in
      run.checkpoints.map { CheckpointName(run: run.name, step: $0.step) }
    }
    guard let shard else {
      own = Set(all)
      audited = Set(inventory.runs.map(\.name))
      known = own
      return
    }
    let owned = Set(
      all.indices.filter {
        Shard.owner(of: $0, total: all.count, shards: shard.count) == shard.index
      }.map { all[$0] })
    let audited = Set(
      inventory.runs.filter { run in
        run.checkpoints.last.map { owned.contains(CheckpointName(run: run.name, step: $0.step)) }
          ?? false
      }.map(\.name))
    var known = owned
    for run in inventory.runs {
      let names = run.checkpoints.map { CheckpointName(run: run.name, step: $0.step) }
      guard names.contains(where: owned.contains) else { continue }
      known.insert(run.reference)
      if audited.contains(run.name) { known.formUnion(names) }
      for (previous, name) in zip(names, names.dropFirst()) where owned.contains(name) {
        known.insert(previous)
      }
      // A final checkpoint is compared with those of the other seeds of its group.
      if owned.contains(run.reference), let group = run.study.group {
        known.formUnion(inventory.runs.filter { $0.study.group == group }.map(\.reference))
      }
    }
    own = owned
    self.audited = audited
    self.known = known
  }
}

/// Which shard owes what, for a study that is cut into so many: `ShardSlice` told from the units.
struct ShardOwners: Sendable {
  let shards: Int
  private var places: [CheckpointName: Int] = [:]
  /// The place of each run's last checkpoint, whose shard audits the run.
  private var last: [String: Int] = [:]

  init(_ inventory: StudyInventory, shards: Int) {
    self.shards = shards
    for run in inventory.runs {
      for checkpoint in run.checkpoints {
        last[run.name] = places.count
        places[CheckpointName(run: run.name, step: checkpoint.step)] = places.count
      }
    }
  }

  /// The shard of a unit, from 1; that of runs that were exported is the first.
  func owner(of unit: StudyUnit) -> Int {
    let place = unit.stage == .audit ? last[unit.checkpoint.run] : places[unit.checkpoint]
    return Shard.owner(of: place ?? 0, total: places.count, shards: shards)
  }
}
