import Files
import Foundation
import Publishing

/// Puts the site of a study where it is served, as it was built: nothing is measured or drawn.
package struct StudyPublication {
  private let study: Study
  private let shown: String
  private let site: BuiltSite

  /// Throws `StudyError.invalid` where the study has no site, or one that was changed by hand since.
  package init(file: String) throws {
    study = try StudyDecoder.decode(file: file)
    shown = file
    do {
      site = try BuiltSite(writtenIn: OutputFolders(study).site)
    } catch let error as SiteError {
      throw StudyError.invalid(
        file: file,
        [StudyFinding("\(error)\n`tend run \(file)` or `tend report \(file)` builds the site")])
    }
  }

  /// Makes `folder` hold the site: files that differ are written, files of an earlier publication that
  /// the site no longer has are removed, others are not touched. Returns what happened, in words.
  package func publish(to folder: String) throws -> String {
    try write(site, to: folder)
  }

  /// As ``publish(to:)``, with the README that makes a static Space of a folder; `nil` stands for
  /// `space/` beside the study.
  package func publishSpace(to folder: String?, license: String) throws -> String {
    let settings = SpaceSettings(title: study.title ?? study.name, license: license)
    return try write(try site.asSpace(settings), to: folder ?? study.folder + "/space")
  }

  /// Commits the site on a branch of the repository that the study lies in; pushed only if asked.
  package func publish(branch name: String, remote: String, push: Bool) throws -> String {
    let branch: GitBranch
    do {
      branch = try GitBranch(repository: study.folder, name: name, remote: remote)
    } catch let error as SiteError {
      throw StudyError.invalid(file: shown, [StudyFinding("\(error)")])
    }
    let commit = try branch.commit(site, message: "Publish the report of \(study.name)")
    if push { try branch.push() }
    let done = commit.map { "commit \($0.prefix(10)) on branch \(name)" }
    return (done ?? "branch \(name) holds this site already")
      + (push ? ", pushed to \(remote)" : "; to push it: git push \(remote) \(name)")
  }

  /// Writes the site as one archive beside the study and returns its path.
  package func archive() throws -> String {
    let name = SitePath.component(for: study.name)
    let path = "\(study.folder)/\(name).zip"
    let bytes = try site.archive(folder: name)
    guard Folder.kind(of: path) != .folder else {
      throw StudyError.output("\(path) is a folder: move it away")
    }
    try DurableWrite.writeIfChanged(bytes, to: path)
    return path
  }

  private func write(_ site: BuiltSite, to folder: String) throws -> String {
    let target = URL(fileURLWithPath: folder).standardizedFileURL.path
    let own = Folder.resolved(OutputFolders(study).site) ?? OutputFolders(study).site
    let place = Folder.resolved(target) ?? target
    guard place != own, !place.hasPrefix(own + "/") else {
      throw StudyError.invalid(
        file: shown, [StudyFinding("\(folder) is the site itself: name a folder elsewhere")])
    }
    let inputs = ["", "/pages", "/templates", "/results", "/figures", "/.tend"].map { name in
      Folder.resolved(study.folder + name) ?? study.folder + name
    }
    guard !inputs.contains(place) else {
      throw StudyError.invalid(
        file: shown,
        [StudyFinding("\(folder) holds the study or a part of it: name a folder of its own")])
    }
    let changes = try site.write(to: target)
    var words = "\(folder): \(changes.written.count) files written, \(changes.unchanged) unchanged"
    if !changes.removed.isEmpty { words += ", \(changes.removed.count) removed" }
    if !changes.kept.isEmpty {
      words +=
        "; kept, since somebody changed them: "
        + changes.kept.map(\.string).joined(separator: ", ")
    }
    return words
  }
}
