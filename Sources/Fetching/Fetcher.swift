import Checkpoints
import Files
import Synchronization

/// Fetches checkpoints from the hub into the local cache: `plan`, then `fetch`.
package struct Fetcher: Sendable {
  private let client: HubClient
  private let connections: Int
  private let events: @Sendable (FetchEvent) -> Void

  /// `connections`: how many files come at once.
  package init(
    settings: HubSettings, connections: Int = 4,
    events: @escaping @Sendable (FetchEvent) -> Void = { _ in }
  ) {
    client = HubClient(
      settings: settings, waiting: Waiting(tell: { events(.note($0)) }))
    self.connections = connections
    self.events = events
  }

  package var cache: String { client.settings.cache }

  /// What `requests` need, from the hub and the cache. `verifying`: what is there is hashed as well.
  package func plan(
    _ requests: [FetchRequest], verifying: Bool = false
  ) throws(FetchError) -> [FetchPlan] {
    var plans: [FetchPlan] = []
    for request in requests {
      plans.append(
        try FetchPlanner(
          client: client, connections: connections, verifies: verifying, events: events
        ).plan(request))
    }
    return plans
  }

  /// Throws unless the disk has room for what `plans` bring.
  package func checkSpace(_ plans: [FetchPlan]) throws(FetchError) {
    try checkSpace(ByteCount.sum(plans.map(\.bytes)))
  }

  /// Throws unless the disk has room for `needed` bytes.
  package func checkSpace(_ needed: Int) throws(FetchError) {
    let free = try freeBytes()
    guard needed <= free else { throw .noSpace(path: cache, needed: needed, free: free) }
  }

  package func freeBytes() throws(FetchError) -> Int {
    do { return try Folder.freeBytes(at: cache) } catch { throw .file(error) }
  }

  /// What became of a plan.
  package struct Outcome: Sendable {
    /// Files that are not there, and why.
    package var failures: [(file: String, reason: FetchError)] = []
    /// Bytes that came over the network or were left from an earlier call.
    package var bytes = 0

    package init() {}

    /// Takes in what became of another plan.
    package mutating func add(_ other: Outcome) {
      failures += other.failures
      bytes += other.bytes
    }

    /// What ended everything, if something did.
    package var ended: FetchError? {
      failures.map(\.reason).first { $0.endsEverything && $0 != .cancelled }
    }
  }

  private struct Task: Sendable {
    let download: BlobDownload.Task
    let plan: Int
  }

  /// Fetches what is missing of `plans`, and names each revision once it is whole.
  package func fetch(_ plans: [FetchPlan]) throws(FetchError) -> Outcome {
    var repositories: [CachedRepository] = []
    for plan in plans {
      let repository = CachedRepository(plan.repository, cache: cache)
      try repository.prepare()
      repositories.append(repository)
      for revision in plan.revisions where isWhole(revision, repository) {
        try repository.publish(revision)
      }
    }
    let state = Mutex(Outcome())
    let tasks = plans.indices.flatMap { Self.tasks(of: plans[$0], index: $0) }
    Workers.forEach(tasks, count: connections, client: client) {
      [repositories] _, task, connection in
      let repository = repositories[task.plan]
      do throws(FetchError) {
        try fetch(task.download, repository, connection)
        state.withLock { $0.bytes += task.download.file.size }
        for revision in plans[task.plan].revisions
        where revision.files.contains(where: { $0.hash == task.download.file.hash }) {
          if isWhole(revision, repository) { try repository.publish(revision) }
        }
        events(.fileFinished(file: task.download.name))
      } catch {
        if error.endsEverything { client.waiting.stop() }
        if error != .cancelled {
          events(.fileFailed(file: task.download.name, reason: error.description))
        }
        state.withLock { $0.failures.append((task.download.name, error)) }
      }
    }
    return state.withLock { $0 }
  }

  private func fetch(
    _ task: BlobDownload.Task, _ repository: CachedRepository, _ connection: HTTPConnection
  ) throws(FetchError) {
    do throws(FetchError) {
      let isOwn = try BlobDownload(
        client: client, connection: connection, blobs: repository.blobs, events: events
      ).fetch(task)
      if isOwn { try OwnBlobs(repository).note(task.file.hash) }
    } catch {
      // Said with the numbers that help.
      guard case .file(let cause) = error, cause.isDiskFull else { throw error }
      throw .noSpace(path: repository.blobs, needed: task.file.size, free: try freeBytes())
    }
  }

  private func isWhole(
    _ revision: FetchPlan.Revision, _ repository: CachedRepository
  ) -> Bool {
    revision.files.allSatisfy { CachedBlob.isThere($0, blobs: repository.blobs) }
  }

  /// Each missing content once, revision by revision.
  private static func tasks(of plan: FetchPlan, index: Int) -> [Task] {
    var missing = Set(plan.missing.map(\.hash))
    return plan.revisions.flatMap { revision in
      revision.files.filter { missing.remove($0.hash) != nil }.map { file in
        Task(
          download: BlobDownload.Task(
            repository: plan.repository, revision: revision.name, commit: revision.commit,
            reference: revision.reference, file: file),
          plan: index)
      }
    }
  }
}
