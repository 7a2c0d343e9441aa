/// A checked site, ready to be written somewhere.
package struct BuiltSite: Sendable {
  let files: [SitePath: SiteFile]
  /// What is not wrong but worth knowing, one line each.
  package let warnings: [String]
  /// Pages that differ between two builds of the same: ``Site/dated``.
  let dated: Set<SitePath>

  /// All files, sorted.
  package var paths: [SitePath] { files.keys.sorted() }

  /// The path of the site that reads `name`, or nil where the site has no such file.
  package func path(named name: String) -> SitePath? {
    let path = SitePath(unchecked: name)
    return files[path] == nil ? nil : path
  }

  /// The contents of a file, read from disk where it only refers to one.
  package func bytes(of path: SitePath) throws -> [UInt8] {
    switch files[path] {
    case .bytes(let bytes)?: return bytes
    case .text(let text)?: return Array(text.utf8)
    case .file(let source)?: return try FileAccess.read(source)
    case nil:
      throw SiteError([.init(page: path.string, problem: .brokenLink(path.string))])
    }
  }

  /// Makes `folder` (an absolute path, created if need be) hold this site.
  ///
  /// Each file that differs is written under another name and renamed; the same ones are not
  /// touched; `lanes` files are written at once. Files that an earlier write left there and that the site no longer has are removed,
  /// unless somebody changed them; files that were never written by this are not touched, and in
  /// the way of one of the site's they are an error before anything is written.
  @discardableResult
  package func write(to folder: String, lanes: Int = 1) throws -> SiteChanges {
    try FolderWriter(folder: folder, lanes: lanes).write(self)
  }

  /// How `folder` differs from this site, sorted by path: nothing where a rebuild would change
  /// nothing and the folder holds nothing else. Hidden files and a host's `CNAME` are not looked at.
  package func differences(from folder: String) throws -> [SiteDifference] {
    let manifest = try SiteManifest(folder: folder)
    var differences: [SiteDifference] = []
    for path in paths {
      let place = folder + "/" + path.string
      guard FileAccess.kind(of: place) == .file else {
        differences.append(.missing(path))
        continue
      }
      if try FileAccess.read(place) != bytes(of: path) { differences.append(.changed(path)) }
    }
    for path in manifest.hashes.keys where files[path] == nil {
      if FileAccess.kind(of: folder + "/" + path.string) != nil {
        differences.append(.unexpected(path))
      }
    }
    for name in try Self.names(in: folder) {
      let path = SitePath(unchecked: name)
      if files[path] == nil, manifest.hashes[path] == nil { differences.append(.stranger(path)) }
    }
    return differences.sorted { $0.path < $1.path }
  }

  /// All files of `folder` and the folders below that are not hidden.
  private static func names(in folder: String) throws -> [String] {
    guard FileAccess.kind(of: folder) == .folder else { return [] }
    var found: [String] = []
    var pending = [""]
    while let prefix = pending.popLast() {
      for name in try FileAccess.names(in: folder + "/" + prefix) where !name.hasPrefix(".") {
        let path = prefix + name
        switch FileAccess.kind(of: folder + "/" + path) {
        case .folder?: pending.append(path + "/")
        case .file?, .other?: if path != "CNAME" { found.append(path) }
        case nil: continue
        }
      }
    }
    return found
  }
}

/// What a write did to a folder.
package struct SiteChanges: Sendable, Hashable {
  package var written: [SitePath] = []
  package var unchanged = 0
  package var removed: [SitePath] = []
  /// Files of an earlier write that the site no longer has, but that somebody has changed since.
  package var kept: [SitePath] = []
}

/// One way in which a folder is not the site.
package enum SiteDifference: Sendable, Hashable, CustomStringConvertible {
  case missing(SitePath)
  case changed(SitePath)
  /// Written earlier, no longer part of the site.
  case unexpected(SitePath)
  /// Not written by tend.
  case stranger(SitePath)

  package var path: SitePath {
    switch self {
    case .missing(let path), .changed(let path), .unexpected(let path), .stranger(let path): path
    }
  }

  package var description: String {
    switch self {
    case .missing(let path): "\(path): is missing"
    case .changed(let path): "\(path): differs"
    case .unexpected(let path): "\(path): is no longer part of the site"
    case .stranger(let path): "\(path): is not part of the site"
    }
  }
}
