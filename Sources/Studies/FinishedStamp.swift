import Files
import Foundation

/// What a finished run looked like: the contents that went in and the files that came out.
///
/// Where neither changed, analysis and drawing would give the same bytes again and are left out.
struct FinishedStamp {
  private let path: String
  private let outputs: [String]

  init(_ folders: OutputFolders) {
    path = folders.working + "/finished"
    outputs = [folders.results, folders.figures, folders.site]
  }

  /// Whether the last run ended with `content` and left the outputs as they are now.
  func isCurrent(_ content: String) -> Bool {
    guard Folder.kind(of: path) == .file else { return false }
    // A stamp that cannot be read is none.
    do { return try FileReader(path).readAll() == text(content) } catch { return false }
  }

  func write(_ content: String) throws(FileError) {
    try DurableWrite.write(text(content), to: path)
  }

  /// Before outputs are touched: a run that is interrupted leaves no stamp.
  func remove() { unlink(path) }

  private func text(_ content: String) -> [UInt8] {
    var hasher = SHA256Hasher()
    hasher.update(content + "\n")
    for folder in outputs { Self.hash(folder, into: &hasher) }
    return Array(hasher.finalize().hex.utf8)
  }

  /// Names, sizes and times of everything below `folder`: a file that somebody changed or removed
  /// is written again.
  static func hash(_ folder: String, into hasher: inout SHA256Hasher) {
    guard Folder.kind(of: folder) == .folder else { return }
    // What cannot be listed differs from what was.
    let names = (try? Folder.names(in: folder)) ?? ["?"]
    for name in names {
      let path = folder + "/" + name
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        hash(path, into: &hasher)
      } else {
        hasher.update(
          "\(path) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)\n")
      }
    }
  }
}

extension StudyRunner {
  /// Everything that results, figures and site are made from, as one hash: units, study, the
  /// author's pages and templates, and the program itself.
  func content(_ plan: StudyPlan, audits: [StudyUnit], failures: [FailedUnit]) throws -> String {
    var hasher = SHA256Hasher()
    hasher.update(try FileReader(study.file).readAll())
    for unit in plan.units + audits { hasher.update("\(unit.name) \(unit.key)\n") }
    for failure in failures { hasher.update(failure.line + "\n") }
    for folder in ["pages", "templates"] {
      FinishedStamp.hash("\(study.folder)/\(folder)", into: &hasher)
    }
    if let path = study.analysis.evaluations { hasher.update(try FileReader(path).readAll()) }
    for run in study.runs {
      let log = (run.checkpoints ?? "") + "/training_log.csv"
      if Folder.kind(of: log) == .file { hasher.update(try FileReader(log).readAll()) }
    }
    hasher.update(ProgramIdentity.current)
    return hasher.finalize().hex
  }
}

/// Which program this is: its version, and the state of its file.
enum ProgramIdentity {
  static var current: String {
    var status = stat()
    let path = Bundle.main.executablePath ?? ""
    guard stat(path, &status) == 0 else { return TendVersion.current }
    return "\(TendVersion.current) \(status.st_size) \(status.st_mtim.tv_sec)"
  }
}
