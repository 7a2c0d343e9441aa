extension BuiltSite {
  /// The site that an earlier ``write(to:)`` left in `folder`, to be published elsewhere. Throws
  /// where the folder holds none, or where a file is missing or was changed since.
  package init(writtenIn folder: String) throws {
    let manifest = try SiteManifest(folder: folder)
    guard !manifest.hashes.isEmpty else {
      throw FileAccess.error(
        "reading", folder, reason: "holds no site that tend wrote: build it first")
    }
    var findings: [SiteError.Finding] = []
    var files: [SitePath: SiteFile] = [:]
    for path in manifest.hashes.keys.sorted() {
      let place = folder + "/" + path.string
      guard FileAccess.kind(of: place) == .file else {
        findings.append(
          .init(
            page: path.string,
            problem: .file(place, doing: "reading", reason: "is missing: build the site again")))
        continue
      }
      if try !manifest.isWritten(FileAccess.read(place), at: path) {
        findings.append(
          .init(
            page: path.string,
            problem: .file(
              place, doing: "reading", reason: "was changed since it was built: build it again")))
      }
      files[path] = .file(place)
    }
    guard findings.isEmpty else { throw SiteError(findings) }
    self.init(
      files: files, warnings: [], dated: Set(files.keys.filter(manifest.isDated)))
  }
}
