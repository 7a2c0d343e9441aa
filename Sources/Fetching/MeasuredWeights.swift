import Checkpoints
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// Weights that were fetched here leave the disk once they are measured.

extension Fetcher {
  /// The folder of `revision`'s files.
  package func snapshot(_ plan: FetchPlan, _ revision: FetchPlan.Revision) -> String {
    CachedRepository(plan.repository, cache: cache).snapshot(revision.commit)
  }

  /// Whether all files of `revision` are there and named.
  package func isWhole(_ plan: FetchPlan, _ revision: FetchPlan.Revision) -> Bool {
    let repository = CachedRepository(plan.repository, cache: cache)
    return revision.files.allSatisfy { file in
      CachedBlob.isThere(file, blobs: repository.blobs)
        && Folder.kind(of: repository.snapshot(revision.commit) + "/" + file.path) == .file
    }
  }

  /// Whether something of `step`'s weights was fetched here, so that it may be removed.
  package func hasOwnWeights(_ plan: FetchPlan, step: Int) throws(FetchError) -> Bool {
    let own = try OwnBlobs(CachedRepository(plan.repository, cache: cache)).names()
    return plan.revisions.contains { $0.step == step && !$0.weights.isDisjoint(with: own) }
  }

  /// Removes the weights of `step` that were fetched here, whose record lies in its snapshot; the bytes
  /// that the disk has back.
  ///
  /// Stays: what another program brought, what another snapshot leads to that has no record of its own,
  /// and what the steps `needed` have too. Called again after a kill, it ends what it began.
  @discardableResult
  package func removeWeights(
    _ plan: FetchPlan, step: Int, needed: Set<Int>
  ) throws(FetchError) -> Int {
    let repository = CachedRepository(plan.repository, cache: cache)
    guard let revision = plan.revisions.first(where: { $0.step == step }),
      Folder.kind(of: repository.snapshot(revision.commit) + "/" + WeightsRecord.fileName) == .file
    else { return 0 }
    let own = try OwnBlobs(repository).names()
    let spared = plan.revisions.filter { needed.contains($0.step) }
      .reduce(into: Set<String>()) { $0.formUnion($1.weights) }
    let links = try repository.links()
    var freed = 0
    for file in revision.files
    where NeededFiles.isWeights(file.path) && own.contains(file.hash.name)
      && !spared.contains(file.hash.name)
    {
      let leading = links.filter { $0.blob == file.hash.name }
      guard leading.allSatisfy(\.isMeasured) else { continue }
      // First what leads to it: at no moment does a snapshot lead to nothing.
      for link in leading { try CachedBlob.remove(link.path) }
      do throws(FileError) {
        for folder in Set(leading.map { Folder.parent(of: $0.path) }).sorted() {
          try DurableWrite.synchronise(folder: folder)
        }
      } catch {
        throw .file(error)
      }
      try CachedBlob.remove(repository.blobs + "/" + file.hash.name)
      freed += file.size
    }
    return freed
  }

  /// Fetches the files of `steps` of `plan` that are not there, those that were removed included.
  package func fetch(_ plan: FetchPlan, steps: Set<Int>) throws(FetchError) -> Outcome {
    let blobs = CachedRepository(plan.repository, cache: cache).blobs
    return try fetch([plan.limited(to: steps) { CachedBlob.isThere($0, blobs: blobs) }])
  }
}

extension CachedRepository {
  /// A link of a snapshot into the blobs.
  struct Link {
    let path: String
    let blob: String
    /// Whether its snapshot has the record of weights that were measured.
    let isMeasured: Bool
  }

  /// The links of all snapshots, at the top of each, where weights lie.
  func links() throws(FetchError) -> [Link] {
    let snapshots = folder + "/snapshots"
    do throws(FileError) {
      var links: [Link] = []
      for commit in try Folder.names(in: snapshots) {
        let snapshot = snapshots + "/" + commit
        guard Folder.kind(of: snapshot) == .folder else { continue }
        try addLinks(below: snapshot, to: &links)
      }
      return links
    } catch {
      throw .file(error)
    }
  }

  private func addLinks(below path: String, to links: inout [Link]) throws(FileError) {
    let names = try Folder.names(in: path)
    let isMeasured = names.contains(WeightsRecord.fileName)
    for name in names {
      let path = path + "/" + name
      var target = [CChar](repeating: 0, count: 4097)
      let length = readlink(path, &target, 4096)
      if length >= 0 {
        let text = String(
          decoding: target.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let blob = text.split(separator: "/").last else { continue }
        links.append(Link(path: path, blob: String(blob), isMeasured: isMeasured))
      } else if Folder.kind(of: path) == .folder {
        try addLinks(below: path, to: &links)
      }
    }
  }

  /// `revision` as its record has it, where its weights were removed once they were measured and all
  /// else is there; nil if the hub has to be asked.
  func measured(
    _ revision: HubListing.Revision, step: Int, also: Set<String>
  ) throws(FetchError) -> FetchPlan.Revision? {
    let snapshot = snapshot(revision.commit)
    guard also.allSatisfy({ Folder.kind(of: snapshot + "/" + $0) == .file }) else { return nil }
    let record: WeightsRecord
    do throws(CheckpointError) {
      guard let standing = try WeightsRecord.standing(in: snapshot) else { return nil }
      record = standing
    } catch {
      // What cannot be read says nothing: the hub is asked.
      return nil
    }
    var files = record.files.compactMap { file in
      BlobHash(name: file.hash).map { HubFile(path: file.path, size: file.bytes, hash: $0) }
    }
    let names: [String]
    do { names = try Folder.names(in: snapshot) } catch { throw .file(error) }
    for name in ["config.json"] + names.filter({ $0.hasSuffix(".index.json") }) + also.sorted() {
      guard let file = file(name, in: snapshot) else { return nil }
      files.append(file)
    }
    return FetchPlan.Revision(
      step: step, name: revision.name, commit: revision.commit, reference: revision.commit,
      files: files, wasComplete: true, isMeasured: true,
      weights: Set(files.filter { NeededFiles.isWeights($0.path) }.map(\.hash.name)))
  }
}

extension FetchPlan {
  /// The same for some steps; `isThere` tells what they have already.
  func limited(to steps: Set<Int>, _ isThere: (HubFile) -> Bool) -> FetchPlan {
    let chosen = revisions.filter { steps.contains($0.step) }
    var seen: Set<BlobHash> = []
    return FetchPlan(
      repository: repository, revisions: chosen, gaps: [], otherRevisions: [],
      missing: chosen.flatMap(\.files).filter { seen.insert($0.hash).inserted && !isThere($0) })
  }

  /// The most bytes that are in the cache at once where steps leave it after the `reach` next ones: so
  /// many neighbours, one more, and a final checkpoint, however large it is.
  package func peakBytes(reach: Int) -> Int {
    func bytes(_ revisions: some Sequence<Revision>) -> Int {
      var seen: Set<BlobHash> = []
      return ByteCount.sum(
        revisions.flatMap(\.files).filter { seen.insert($0.hash).inserted }.map(\.size))
    }
    let neighbours =
      revisions.indices.map { index in
        bytes(revisions[max(0, index - reach)...index])
      }.max() ?? 0
    let final = revisions.map { bytes([$0]) }.max() ?? 0
    return min(wholeBytes, ByteCount.sum([neighbours, final]))
  }
}
