import Foundation

/// A branch of a Git repository that holds a site, such as `gh-pages`.
///
/// The commit is made beside the repository's own state: neither the work tree nor the index nor the
/// branch that is checked out is touched. Files of the branch that tend did not write, such as a
/// `CNAME`, stay.
package struct GitBranch: Sendable {
  package let repository: String
  package let name: String
  package let remote: String
  private let git: GitCommand

  /// Throws where `name` is no name for a branch, is checked out somewhere, or `repository` (a folder
  /// in a work tree) is in none.
  package init(repository: String, name: String, remote: String = "origin") throws {
    self.repository = repository
    self.name = name
    self.remote = remote
    git = GitCommand(folder: repository)
    for word in [name, remote] where word.isEmpty || word.hasPrefix("-") {
      throw FileAccess.error("publishing to", word, reason: "is no name of a branch or remote")
    }
    _ = try git("check-ref-format", "--branch", name)
    let trees = try git("worktree", "list", "--porcelain").split(separator: "\n")
    guard !trees.contains("branch refs/heads/\(name)") else {
      throw FileAccess.error(
        "publishing to", name,
        reason: "is checked out, and its files would change: name another branch")
    }
  }

  /// Commits `site` on the branch. Where it is new it continues the remote's, if that was fetched, or
  /// begins without history. Returns the commit, or nil where the branch holds these very files.
  @discardableResult
  package func commit(_ site: BuiltSite, message: String) throws -> String? {
    let reference = "refs/heads/\(name)"
    let existing = try tip(of: reference)
    let parent = try existing ?? tip(of: "refs/remotes/\(remote)/\(name)")
    let before = try parent.map(manifest) ?? SiteManifest()
    try check(site, against: parent, owned: before)

    let draft = "refs/tend/\(UUID().uuidString)"
    let stream = try stream(
      site, on: draft, parent: parent, removing: before, message: message)
    _ = try git("fast-import", "--quiet", "--done", input: stream)
    defer { removeDraft(draft) }
    let commit = try git("rev-parse", "--verify", draft + "^{commit}")
    if let existing, try tree(of: existing) == tree(of: commit) { return nil }
    // The old value is named: a commit that came in between is not lost.
    _ = try git(
      "update-ref", reference, commit, existing ?? String(repeating: "0", count: commit.count))
    return commit
  }

  /// Pushes the branch. Git's own message is the error's reason.
  package func push() throws {
    let reference = "refs/heads/\(name)"
    _ = try git("push", "--quiet", remote, "\(reference):\(reference)")
  }

  private func tip(of reference: String) throws -> String? {
    // A pattern also matches what lies below it.
    let lines = try git("for-each-ref", "--format=%(objectname) %(refname)", reference)
    for line in lines.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.last == Substring(reference) { return words.first.map(String.init) }
    }
    return nil
  }

  private func tree(of commit: String) throws -> String {
    try git("rev-parse", "--verify", commit + "^{tree}")
  }

  private func files(of commit: String) throws -> [String] {
    try git("ls-tree", "-r", "-z", "--name-only", commit).split(separator: "\0").map(String.init)
  }

  /// What tend wrote in an earlier commit.
  private func manifest(in commit: String) throws -> SiteManifest {
    guard try files(of: commit).contains(SiteManifest.name) else { return SiteManifest() }
    return SiteManifest(bytes: Array(try git("show", "\(commit):\(SiteManifest.name)").utf8))
  }

  /// Throws where one of the site's files would take the place of a stranger.
  private func check(_ site: BuiltSite, against parent: String?, owned: SiteManifest) throws {
    guard let parent else { return }
    let own = Set(owned.hashes.keys.map(\.string)).union([SiteManifest.name])
    let strangers = Set(try files(of: parent)).subtracting(own)
    let paths = Set(site.paths.map(\.string))
    let inTheWay = paths.filter { path in
      strangers.contains(path) || Self.folders(above: path).contains(where: strangers.contains)
    }.union(strangers.filter { Self.folders(above: $0).contains(where: paths.contains) })
    guard inTheWay.isEmpty else {
      throw SiteError(
        inTheWay.sorted().map { path in
          .init(
            page: path,
            problem: .file(
              "branch \(name)", doing: "publishing to",
              reason:
                "has something there that tend did not write: remove the branch, or name another")
          )
        })
    }
  }

  private static func folders(above path: String) -> [String] {
    let names = path.split(separator: "/")
    return (1..<max(1, names.count)).map { names.prefix($0).joined(separator: "/") }
  }

  /// The commit in the language of git-fast-import(1). Paths of a site need no quotes there.
  private func stream(
    _ site: BuiltSite, on reference: String, parent: String?, removing before: SiteManifest,
    message: String
  ) throws -> [UInt8] {
    var output: [UInt8] = []
    func line(_ text: String) { output += Array((text + "\n").utf8) }
    func data(_ bytes: [UInt8]) {
      line("data \(bytes.count)")
      output += bytes
      line("")
    }
    line("commit \(reference)")
    line("committer \(try git("var", "GIT_COMMITTER_IDENT"))")
    data(Array(message.utf8))
    if let parent { line("from \(parent)") }
    var after = SiteManifest()
    for path in before.hashes.keys.sorted() { line("D \(path.string)") }
    for path in site.paths {
      let bytes = try site.bytes(of: path)
      after.hashes[path] = SiteManifest.hash(of: bytes, dated: site.dated.contains(path))
      line("M 100644 inline \(path.string)")
      data(bytes)
    }
    line("M 100644 inline \(SiteManifest.name)")
    data(Array(after.text.utf8))
    line("done")
    return output
  }

  private func removeDraft(_ reference: String) {
    // What stays behind is a name nobody looks at; it must not hide the error that led here.
    do { _ = try git("update-ref", "-d", reference) } catch { return }
  }
}
