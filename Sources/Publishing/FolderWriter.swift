import Files

/// Writes a site into a folder (see ``BuiltSite/write(to:)``).
struct FolderWriter {
  let folder: String
  /// How many files are looked at and written at once.
  var lanes = 1

  func write(_ site: BuiltSite) throws -> SiteChanges {
    try makeFolders(upTo: folder)
    return try FileAccess.locked(folder) { try writeLocked(site) }
  }

  private func writeLocked(_ site: BuiltSite) throws -> SiteChanges {
    let before = try SiteManifest(folder: folder)
    var changes = SiteChanges()
    var after = SiteManifest()
    var pending: [Pending] = []
    var findings: [SiteError.Finding] = []
    let paths = site.paths
    let looks = try Workers(width: lanes).map(paths.count) { index in
      try look(at: paths[index], of: site, before: before)
    }
    for (path, look) in zip(paths, looks) {
      after.hashes[path] = look.hash
      switch look.state {
      case .same: changes.unchanged += 1
      case .differs(let bytes): pending.append(Pending(path: path, bytes: bytes))
      case .inTheWay(let problem): findings.append(.init(page: path.string, problem: problem))
      }
    }
    guard findings.isEmpty else { throw SiteError(findings) }

    // What is about to be written is owned before it is there: a killed write leaves no strangers.
    let manifest = folder + "/" + SiteManifest.name
    var both = before
    both.hashes.merge(after.hashes) { _, new in new }
    if both != before { try DurableWrite.write(both.text, to: manifest) }
    // Files before the pages that need them: who reads while it is written sees no broken page.
    try place(pending.filter { !$0.path.string.hasSuffix(".html") })
    try place(pending.filter { $0.path.string.hasSuffix(".html") })
    changes.written = pending.map(\.path)
    try removeLeftovers(before: before, after: after, changes: &changes)
    if both != after || !changes.kept.isEmpty {
      for path in changes.kept { after.hashes[path] = nil }
      try DurableWrite.write(after.text, to: manifest)
    }
    return changes
  }

  private struct Pending: Sendable {
    let path: SitePath
    let bytes: [UInt8]
  }

  /// What stands in the place of one of the site's files.
  private struct Look: Sendable {
    enum State: Sendable {
      case same
      case differs([UInt8])
      case inTheWay(SiteError.Problem)
    }

    /// As the manifest notes it.
    let hash: String
    let state: State
  }

  private func look(at path: SitePath, of site: BuiltSite, before: SiteManifest) throws -> Look {
    let bytes = try site.bytes(of: path)
    let hash = SiteManifest.hash(of: bytes, dated: site.dated.contains(path))
    let place = folder + "/" + path.string
    if let obstacle = obstacle(for: path) { return Look(hash: hash, state: .inTheWay(obstacle)) }
    switch FileAccess.kind(of: place) {
    case nil: return Look(hash: hash, state: .differs(bytes))
    case .folder?, .other?: return Look(hash: hash, state: .inTheWay(foreign))
    case .file?:
      if try FileAccess.size(of: place) == bytes.count && FileAccess.read(place) == bytes {
        return Look(hash: hash, state: .same)
      }
      let isOwn = before.hashes[path] != nil
      return Look(hash: hash, state: isOwn ? .differs(bytes) : .inTheWay(foreign))
    }
  }

  private func place(_ files: [Pending]) throws {
    _ = try Workers(width: lanes).map(files.count) { index in
      try makeFolders(of: files[index].path)
      try DurableWrite.place(files[index].bytes, at: folder + "/" + files[index].path.string)
    }
  }

  private let foreign = SiteError.Problem.file(
    "it", doing: "writing",
    reason: "something that tend did not write stands in its place: move it away")

  /// A folder on the way to `path` that is none: a link would lead out of the site.
  private func obstacle(for path: SitePath) -> SiteError.Problem? {
    var place = folder
    for name in path.string.split(separator: "/").dropLast() {
      place += "/" + name
      switch FileAccess.kind(of: place) {
      case nil: return nil
      case .folder?: continue
      case .file?, .other?:
        return .file(place, doing: "writing into", reason: "is not a folder: move it away")
      }
    }
    return nil
  }

  private func makeFolders(of path: SitePath) throws {
    var place = folder
    for name in path.string.split(separator: "/").dropLast() {
      place += "/" + name
      try FileAccess.makeFolder(place)
    }
  }

  private func makeFolders(upTo folder: String) throws {
    var place = folder.hasPrefix("/") ? "" : "."
    for name in folder.split(separator: "/") {
      place += "/" + name
      if FileAccess.kind(of: place) == nil { try FileAccess.makeFolder(place) }
    }
  }

  private func removeLeftovers(
    before: SiteManifest, after: SiteManifest, changes: inout SiteChanges
  ) throws {
    for path in before.hashes.keys.sorted() where after.hashes[path] == nil {
      let place = folder + "/" + path.string
      guard obstacle(for: path) == nil, FileAccess.kind(of: place) == .file else { continue }
      guard before.isWritten(try FileAccess.read(place), at: path) else {
        changes.kept.append(path)
        continue
      }
      try FileAccess.remove(place)
      changes.removed.append(path)
      var parent = path.string.split(separator: "/").dropLast()
      while !parent.isEmpty {
        FileAccess.removeIfEmpty(folder + "/" + parent.joined(separator: "/"))
        parent = parent.dropLast()
      }
    }
  }
}
