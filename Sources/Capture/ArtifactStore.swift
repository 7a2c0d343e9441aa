import Files
import Foundation

/// The results of finished units, in a folder, each under the hash of everything that it depends on.
///
/// There is no lock and no list of what is done: an artifact under its name that verifies is a
/// finished unit. Several processes may use one store at once; who comes second writes the same
/// bytes again.
package struct ArtifactStore: Sendable {
  package let folder: String
  /// What is noted in an artifact about how it came about; no part of its key.
  private let origin: (@Sendable (UnitKind) -> [UInt8])?

  /// A store in `folder`; nothing is created before something is written. `origin` is asked when an
  /// artifact is complete.
  package init(folder: String, origin: (@Sendable (UnitKind) -> [UInt8])? = nil) {
    self.folder = folder
    self.origin = origin
  }

  package func path(of key: ArtifactKey) -> String { "\(folder)/\(key.kind.rawValue)/\(key.hex)" }

  /// The keys of what is there, by the names of the files; nothing is opened. A folder that is there and
  /// cannot be listed is an error: it would pass for one without results.
  package func keys() throws(CaptureError) -> Set<ArtifactKey> {
    try keys(of: UnitKind.allCases)
  }

  /// Those of `wanted` that are there. The listing of a shared folder may lag behind for minutes: what it
  /// lacks is looked for by name.
  package func keys(among wanted: some Sequence<ArtifactKey>) throws(CaptureError)
    -> Set<ArtifactKey>
  {
    let wanted = Set(wanted)
    let kinds = Set(wanted.map(\.kind))
    var there = try keys(of: UnitKind.allCases.filter(kinds.contains)).intersection(wanted)
    for key in wanted where !there.contains(key) {
      if try contains(key) { there.insert(key) }
    }
    return there
  }

  private func keys(of kinds: [UnitKind]) throws(CaptureError) -> Set<ArtifactKey> {
    var keys: Set<ArtifactKey> = []
    for kind in kinds {
      for name in try names(in: kind) where Self.isDigest(name) {
        keys.insert(ArtifactKey(kind: kind, hex: name))
      }
    }
    return keys
  }

  /// Whether a file can be opened under this name: on a network file system that asks the server.
  package func contains(_ key: ArtifactKey) throws(CaptureError) -> Bool {
    let path = path(of: key)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      guard errno != ENOENT, errno != ENOTDIR else { return false }
      throw .store(.system(action: "open", path: path, code: errno))
    }
    close(descriptor)
    return true
  }

  /// The artifact under `key`; `nil` where there is none.
  ///
  /// - Throws: `CaptureError.damagedArtifact` where its index does not verify, or it is another
  ///   unit's.
  package func artifact(_ key: ArtifactKey) throws -> Artifact? {
    let path = path(of: key)
    guard Folder.kind(of: path) != .missing else { return nil }
    let artifact = try Artifact(path: path)
    guard artifact.inputs.key == key else {
      throw CaptureError.damagedArtifact(path: path, expected: "the artifact of this key")
    }
    return artifact
  }

  /// Writes the artifact of `inputs`: `body` adds the sections, then it gets its name at once.
  package func write<Result>(
    _ inputs: UnitInputs, unit: String, _ body: (ArtifactWriter) throws -> Result
  ) throws -> Result {
    let folder = "\(self.folder)/\(inputs.kind.rawValue)"
    try CaptureError.storing { () throws(FileError) in try Folder.make(folder) }
    let writer = try ArtifactWriter(folder: folder, inputs: inputs, unit: unit)
    let result = try body(writer)
    if let origin { try writer.add(origin(inputs.kind), section: ArtifactWriter.originSection) }
    try writer.commit()
    return result
  }

  /// Takes a damaged artifact out of the way, so that its unit is done again.
  package func discard(_ key: ArtifactKey) throws {
    let path = path(of: key)
    guard unlink(path) == 0 || errno == ENOENT else {
      throw CaptureError.store(
        .system(action: "remove the damaged artifact", path: path, code: errno))
    }
  }

  /// Files below the store that are not finished artifacts: what an interrupted run left.
  package func leftovers() throws(CaptureError) -> [String] {
    var paths: [String] = []
    for kind in UnitKind.allCases {
      for name in try names(in: kind) where !Self.isDigest(name) {
        paths.append("\(folder)/\(kind.rawValue)/\(name)")
      }
    }
    return paths.sorted()
  }

  /// Removes temporary files that a killed process left and that no process writes any more: those
  /// older than a day.
  package func sweep() throws {
    try CaptureError.storing { () throws(FileError) in
      for kind in UnitKind.allCases {
        let folder = "\(folder)/\(kind.rawValue)"
        if Folder.kind(of: folder) == .folder { try DurableWrite.sweep(folder) }
      }
    }
  }

  private func names(in kind: UnitKind) throws(CaptureError) -> [String] {
    try CaptureError.storing { () throws(FileError) in
      try Folder.namesWhereThere("\(folder)/\(kind.rawValue)")
    }
  }

  static func isDigest(_ name: String) -> Bool {
    name.utf8.count == 64
      && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
