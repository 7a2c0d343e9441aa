package import Checkpoints
import Files

/// What hashing the files of fetched revisions again gave.
package struct CacheVerification: Sendable {
  /// A file whose content is not what its name says, or that is not there.
  package struct Damage: Sendable, Equatable {
    package let path: String
    package let reason: String
  }

  package private(set) var files = 0
  package private(set) var bytes = 0
  /// Steps whose weights were removed once they were measured.
  package private(set) var measured = 0
  package private(set) var damages: [Damage] = []

  package init() {}

  /// Hashes every file in the snapshots of `repository`'s steps (nil: all), each content once; reads all
  /// of it, and asks no server.
  package mutating func verify(
    _ repository: HubRepository, steps: Set<Int>?, pattern: StepPattern? = nil, cache: String
  ) throws(FetchError) {
    let cached = CachedRepository(repository, cache: cache)
    var seen: Set<String> = []
    for revision in cached.revisions() {
      guard let step = StepName.match(revision.name, pattern: pattern)?.step,
        steps?.contains(step) ?? true
      else {
        continue
      }
      let snapshot = cached.snapshot(revision.commit)
      let names: [String]
      do { names = try Folder.names(in: snapshot) } catch { throw .file(error) }
      if names.contains(WeightsRecord.fileName) {
        do throws(CheckpointError) {
          if try WeightsRecord.standing(in: snapshot) != nil { measured += 1 }
        } catch {
          damages.append(Damage(path: snapshot, reason: error.description))
        }
      }
      for name in names
      where name != WeightsRecord.fileName && Folder.kind(of: snapshot + "/" + name) != .folder {
        try verify(snapshot + "/" + name, seen: &seen)
      }
    }
  }

  private mutating func verify(_ path: String, seen: inout Set<String>) throws(FetchError) {
    guard let blob = Folder.resolved(path) else {
      damages.append(Damage(path: path, reason: "leads to a file that is not there"))
      return
    }
    guard seen.insert(blob).inserted else { return }
    guard let hash = BlobHash(name: String(blob.split(separator: "/").last ?? "")) else {
      damages.append(Damage(path: path, reason: "has no hash in its name to compare with"))
      return
    }
    files += 1
    do { bytes += try FileReader(blob).size } catch { throw .file(error) }
    if let found = try CachedBlob.mismatch(blob, hash: hash) {
      damages.append(Damage(path: path, reason: "expected the hash \(hash), found \(found)"))
    }
  }

  /// For a person, one line each.
  package var lines: [String] {
    ["hashed again: \(files) files, \(ByteCount.words(bytes)), \(damages.count) damaged"]
      + (measured == 0
        ? []
        : [
          "\(measured) \(measured == 1 ? "step was" : "steps were") measured and the weights removed"
        ])
      + damages.map { "damaged: \($0.path): \($0.reason); fetch it again with tend fetch --verify" }
  }
}
