package import Checkpoints

/// What is asked for of one repository.
package struct FetchRequest: Sendable, Equatable {
  package let repository: HubRepository
  /// nil: every revision that is called like a step.
  package var steps: Set<Int>?
  /// Paths that are wanted beside configuration and weights, where a revision has them.
  package var also: Set<String>

  /// How the study names steps; nil: as `StepName` knows them.
  package let pattern: StepPattern?
  /// Whether a step counts as there whose weights were removed once they were measured.
  package var acceptsMeasured = false

  package init(
    repository: HubRepository, steps: Set<Int>? = nil, also: Set<String> = [],
    pattern: StepPattern? = nil
  ) {
    self.repository = repository
    self.pattern = pattern
    self.steps = steps
    self.also = also
  }
}

/// What a fetch of one repository will do: which revisions, at which commits, with which files.
package struct FetchPlan: Sendable {
  /// A step's revision.
  package struct Revision: Sendable {
    package let step: Int
    package let name: String
    package let commit: String
    /// Under which the hub gives its files.
    let reference: String
    package let files: [HubFile]
    /// Whether its snapshot was whole before, so that the hub was not asked for its files.
    package let wasComplete: Bool
    /// Whether its weights were removed once they were measured.
    package var isMeasured = false
    /// The hashes of its weights, for telling equal steps.
    let weights: Set<String>
  }

  /// A step that cannot be had; nothing else is taken for it.
  package struct Gap: Sendable, Equatable {
    package let step: Int
    package let reason: String
  }

  package let repository: HubRepository
  /// By step.
  package let revisions: [Revision]
  /// By step.
  package let gaps: [Gap]
  /// Revisions that are called like no step.
  package let otherRevisions: [String]
  /// The files that are not there yet, each content once.
  package let missing: [HubFile]

  /// Groups of steps with the same weights, byte for byte.
  package var identical: [[Int]] {
    Dictionary(grouping: revisions.filter { !$0.weights.isEmpty }, by: \.weights).values
      .filter { $0.count > 1 }.map { $0.map(\.step).sorted() }.sorted { $0[0] < $1[0] }
  }

  package var bytes: Int { ByteCount.sum(missing.map(\.size)) }

  /// Bytes that its files take in the cache when all are there, each content once.
  package var wholeBytes: Int {
    var seen: Set<BlobHash> = []
    return ByteCount.sum(
      revisions.flatMap(\.files).filter { seen.insert($0.hash).inserted }.map(\.size))
  }
}
