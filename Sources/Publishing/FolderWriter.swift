import Files

/// Writes a site into a folder (see ``BuiltSite/write(to:)``).
struct FolderWriter {
  let folder: String

  func write(_ site: BuiltSite) throws -> SiteChanges {
    try makeFolders(upTo: folder)
    return try FileAccess.locked(folder) { try writeLocked(site) }
  }

  private func writeLocked(_ site: BuiltSite) throws -> SiteChanges {
    let before = try SiteManifest(folder: folder)
    var changes = SiteChanges()
    var after = SiteManifest()
    var pending: [(path: SitePath, bytes: [UInt8])] = []
    var findings: [SiteError.Finding] = []
    for path in order(site.paths) {
      let bytes = try site.bytes(of: path)
      after.note(bytes, at: path, dated: site.dated.contains(path))
      let place = folder + "/" + path.string
      if let obstacle = obstacle(for: path) {
        findings.append(.init(page: path.string, problem: obstacle))
        continue
      }
      switch FileAccess.kind(of: place) {
      case .file? where FileAccess.size(of: place) == bytes.count:
        if try FileAccess.read(place) == bytes {
          changes.unchanged += 1
          continue
        }
        fallthrough
      case .file?:
        if before.hashes[path] == nil {
          findings.append(.init(page: path.string, problem: foreign))
        }
        pending.append((path, bytes))
      case nil: pending.append((path, bytes))
      case .folder?, .other?: findings.append(.init(page: path.string, problem: foreign))
      }
    }
    guard findings.isEmpty else { throw SiteError(findings) }

    // What is about to be written is owned before it is there: a killed write leaves no strangers.
    let manifest = folder + "/" + SiteManifest.name
    var both = before
    both.hashes.merge(after.hashes) { _, new in new }
    if both != before { try DurableWrite.write(both.text, to: manifest) }
    for (path, bytes) in pending {
      try makeFolders(of: path)
      try DurableWrite.place(bytes, at: folder + "/" + path.string)
      changes.written.append(path)
    }
    try removeLeftovers(before: before, after: after, changes: &changes)
    if both != after || !changes.kept.isEmpty {
      for path in changes.kept { after.hashes[path] = nil }
      try DurableWrite.write(after.text, to: manifest)
    }
    changes.written.sort()
    return changes
  }

  /// Files before the pages that need them: who reads while it is written sees no broken page.
  private func order(_ paths: [SitePath]) -> [SitePath] {
    paths.filter { !$0.string.hasSuffix(".html") } + paths.filter { $0.string.hasSuffix(".html") }
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
