import Checkpoints
import Files
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A repository in the cache, in the layout of huggingface_hub: `blobs/HASH`, `snapshots/COMMIT/PATH` as
/// relative links to them, `refs/REVISION` with the commit.
struct CachedRepository {
  let folder: String
  var blobs: String { folder + "/blobs" }

  init(_ repository: HubRepository, cache: String) {
    folder = repository.folder(inCache: cache)
  }

  func snapshot(_ commit: String) -> String { folder + "/snapshots/" + commit }

  /// The revisions that were fetched before.
  func revisions() -> [HubListing.Revision] {
    let refs = folder + "/refs"
    // What cannot be read was not fetched.
    guard Folder.kind(of: refs) == .folder, let names = try? Folder.names(in: refs) else {
      return []
    }
    return names.compactMap { name in
      guard Folder.kind(of: refs + "/" + name) == .file,
        let reader = try? FileReader(refs + "/" + name), reader.size <= 128,
        let bytes = try? reader.readAll()
      else { return nil }
      let commit = HTTPHead.trimmed(String(decoding: bytes, as: UTF8.self))
      return HubListing.isCommit(commit) ? HubListing.Revision(name: name, commit: commit) : nil
    }
  }

  /// `revision` as it lies there, if its snapshot has everything; nil if the hub has to be asked.
  func complete(
    _ revision: HubListing.Revision, step: Int, also: Set<String>
  ) -> FetchPlan.Revision? {
    let snapshot = snapshot(revision.commit)
    // What cannot be opened is not whole: the hub is asked, and what is wrong shows where it is written.
    guard Folder.kind(of: snapshot + "/config.json") == .file,
      also.allSatisfy({ Folder.kind(of: snapshot + "/" + $0) == .file }),
      let weights = try? CheckpointWeights(folder: snapshot), weights.record == nil
    else { return nil }
    var names = weights.files.map { String($0.path.dropFirst(snapshot.count + 1)) }
    let known = Set(names + ["config.json"] + also)
    names = known.sorted()
    var files: [HubFile] = []
    var hashes: Set<String> = []
    for name in names {
      guard let file = file(name, in: snapshot) else { return nil }
      files.append(file)
      if NeededFiles.isWeights(name) { hashes.insert(file.hash.name) }
    }
    return FetchPlan.Revision(
      step: step, name: revision.name, commit: revision.commit, reference: revision.commit,
      files: files, wasComplete: true, weights: hashes)
  }

  /// The file that `name` of a snapshot leads to; nil where it leads to no blob that can be opened, so that the
  /// hub is asked for it.
  func file(_ name: String, in snapshot: String) -> HubFile? {
    guard let blob = Folder.resolved(snapshot + "/" + name),
      let hash = BlobHash(name: String(blob.split(separator: "/").last ?? "")),
      let reader = try? FileReader(blob)
    else { return nil }
    return HubFile(path: name, size: reader.size, hash: hash)
  }

  /// Makes the folders that blobs are written into.
  func prepare() throws(FetchError) {
    do throws(FileError) {
      for name in ["blobs", "refs", "snapshots"] { try Folder.make(folder + "/" + name) }
    } catch {
      throw .file(error)
    }
  }

  /// Links the files of `revision`, which are all there, into its snapshot; last the reference, so that a
  /// revision that is named is whole.
  func publish(_ revision: FetchPlan.Revision) throws(FetchError) {
    do throws(FileError) {
      for file in revision.files {
        let link = snapshot(revision.commit) + "/" + file.path
        let up = String(repeating: "../", count: 1 + file.path.split(separator: "/").count)
        try Folder.make(Folder.parent(of: link))
        try DurableWrite.link(link, to: up + "blobs/" + file.hash.name)
      }
      try DurableWrite.synchronise(folder: snapshot(revision.commit))
      try DurableWrite.writeIfChanged(
        Array(revision.commit.utf8), to: folder + "/refs/" + revision.name)
    } catch {
      throw .file(error)
    }
  }
}
