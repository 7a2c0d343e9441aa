import Checkpoints
import Files
import Foundation
import Synchronization

/// Finds out what has to be fetched.
struct FetchPlanner {
  let client: HubClient
  let connections: Int
  /// Whether the content of what is there is hashed, and what is damaged fetched again.
  let verifies: Bool
  let events: @Sendable (FetchEvent) -> Void

  /// The plan for `request`; asks the hub for nothing that the cache answers.
  func plan(_ request: FetchRequest) throws(FetchError) -> FetchPlan {
    let cached = CachedRepository(request.repository, cache: client.settings.cache)
    if let known = try knownPlan(request, cached) { return known }
    guard !client.settings.isOffline else {
      throw .offline(
        request.steps.map { "\(request.repository.address) (\($0.count) steps)" }
          ?? request.repository.address)
    }
    let listing = HubListing(
      client: client, connection: client.connection(), repository: request.repository)
    let all = try listing.revisions()
    let chosen = Self.choose(all, request)
    let gaps = Mutex(chosen.gaps)
    let revisions = Mutex<[FetchPlan.Revision]>([])
    let failure = Mutex<FetchError?>(nil)
    Workers.forEach(chosen.revisions, count: connections, client: client) { _, wanted, connection in
      guard failure.withLock({ $0 }) == nil else { return }
      do throws(FetchError) {
        let result = try revision(
          wanted.revision, step: wanted.step, request, cached, connection)
        switch result {
        case .success(let revision): revisions.withLock { $0.append(revision) }
        case .failure(let missing):
          gaps.withLock {
            $0.append(
              FetchPlan.Gap(
                step: wanted.step, reason: "revision \(wanted.revision.name) \(missing.reason)"))
          }
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    return try plan(
      request, cached, revisions: revisions.withLock { $0 }, gaps: gaps.withLock { $0 },
      others: chosen.others)
  }

  /// The plan from the cache alone: where each named step is whole, or no request is allowed.
  private func knownPlan(
    _ request: FetchRequest, _ cached: CachedRepository
  ) throws(FetchError) -> FetchPlan? {
    guard client.settings.isOffline || request.steps != nil else { return nil }
    let local = cached.revisions()
    let chosen = Self.choose(local, request)
    var revisions: [FetchPlan.Revision] = []
    for wanted in chosen.revisions {
      guard let revision = try there(wanted.revision, step: wanted.step, request, cached) else {
        if client.settings.isOffline { continue }
        return nil
      }
      revisions.append(revision)
    }
    let found = Set(revisions.map(\.step))
    let wanted = request.steps ?? Set(chosen.revisions.map(\.step))
    guard client.settings.isOffline else {
      return chosen.gaps.isEmpty && wanted.isSubset(of: found)
        ? try plan(request, cached, revisions: revisions, gaps: [], others: []) : nil
    }
    guard !found.isEmpty else { return nil }
    let gaps = wanted.subtracting(found).map {
      FetchPlan.Gap(step: $0, reason: "is not in the cache, and HF_HUB_OFFLINE forbids requests")
    }
    return try plan(request, cached, revisions: revisions, gaps: gaps, others: [])
  }

  private func revision(
    _ revision: HubListing.Revision, step: Int, _ request: FetchRequest,
    _ cached: CachedRepository, _ connection: HTTPConnection
  ) throws(FetchError) -> Result<FetchPlan.Revision, NeededFiles.Missing> {
    if let known = try there(revision, step: step, request, cached) { return .success(known) }
    let listing = HubListing(
      client: client, connection: connection, repository: request.repository)
    let (files, reference) = try listing.files(of: revision)
    return NeededFiles.choose(files, also: request.also).map { files in
      FetchPlan.Revision(
        step: step, name: revision.name, commit: revision.commit, reference: reference,
        files: files, wasComplete: false,
        weights: Set(files.filter { NeededFiles.isWeights($0.path) }.map(\.hash.name)))
    }
  }

  /// `revision` as the cache has it, if no request is needed for it.
  private func there(
    _ revision: HubListing.Revision, step: Int, _ request: FetchRequest,
    _ cached: CachedRepository
  ) throws(FetchError) -> FetchPlan.Revision? {
    if let complete = cached.complete(revision, step: step, also: request.also) { return complete }
    guard request.acceptsMeasured else { return nil }
    return try cached.measured(revision, step: step, also: request.also)
  }

  private func plan(
    _ request: FetchRequest, _ cached: CachedRepository, revisions: [FetchPlan.Revision],
    gaps: [FetchPlan.Gap], others: [String]
  ) throws(FetchError) -> FetchPlan {
    let revisions = revisions.sorted { $0.step < $1.step }
    var seen: Set<BlobHash> = []
    var missing: [HubFile] = []
    for file in revisions.filter({ !$0.isMeasured }).flatMap(\.files)
    where seen.insert(file.hash).inserted {
      if try !isThere(file, cached) { missing.append(file) }
    }
    return FetchPlan(
      repository: request.repository, revisions: revisions,
      gaps: gaps.sorted { $0.step < $1.step }, otherRevisions: others, missing: missing)
  }

  private func isThere(_ file: HubFile, _ cached: CachedRepository) throws(FetchError) -> Bool {
    guard CachedBlob.isThere(file, blobs: cached.blobs) else { return false }
    guard verifies else { return true }
    let path = cached.blobs + "/" + file.hash.name
    guard let found = try CachedBlob.mismatch(path, hash: file.hash) else { return true }
    events(.note("\(path): its content has the hash \(found); it is fetched again"))
    try CachedBlob.remove(path)
    return false
  }

  private struct Chosen {
    var revisions: [(step: Int, revision: HubListing.Revision)] = []
    var gaps: [FetchPlan.Gap] = []
    var others: [String] = []
  }

  /// The revisions of the steps that are asked for. A step without one is a gap; so is one that two
  /// revisions with different commits claim, since either could be meant.
  private static func choose(_ all: [HubListing.Revision], _ request: FetchRequest) -> Chosen {
    var chosen = Chosen()
    var byStep: [Int: [HubListing.Revision]] = [:]
    for revision in all {
      // A slash would lead out of the cache's folder of references.
      if let step = StepName.match(revision.name, pattern: request.pattern)?.step,
        !revision.name.contains("/"),
        revision.name.utf8.count <= 128
      {
        byStep[step, default: []].append(revision)
      } else {
        chosen.others.append(revision.name)
      }
    }
    let steps = byStep.keys.sorted()
    for step in (request.steps ?? Set(steps)).sorted() {
      guard let revisions = byStep[step] else {
        let near = [steps.last { $0 < step }, steps.first { $0 > step }].compactMap(\.self)
        let words = near.map(String.init).joined(separator: " and ")
        chosen.gaps.append(
          FetchPlan.Gap(
            step: step,
            reason: "no revision is called so"
              + (near.isEmpty ? "" : "; nearest \(near.count == 1 ? "is" : "are") \(words)")))
        continue
      }
      guard Set(revisions.map(\.commit)).count == 1 else {
        chosen.gaps.append(
          FetchPlan.Gap(
            step: step,
            reason:
              "is claimed by \(revisions.map(\.name).joined(separator: " and ")), which differ"))
        continue
      }
      chosen.revisions.append((step, revisions[0]))
    }
    return chosen
  }
}
