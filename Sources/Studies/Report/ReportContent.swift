import Files
import Foundation
import Publishing

extension StudyRunner {
  /// Everything that results, figures and site are made from: units, study, the author's pages and
  /// templates, and the program itself.
  func content(
    units: [StudyUnit], failures: [FailedUnit]
  ) throws(FileError) -> [FinishedStamp.Part] {
    func hash(_ bytes: [UInt8]) -> String { SHA256Digest(of: bytes).hex }
    let workers = Workers(width: options.threads)
    var parts = [
      FinishedStamp.Part(name: "study.yaml", hash: hash(try FileReader(study.file).readAll())),
      FinishedStamp.Part(
        name: "measurements",
        hash: SHA256Digest(of: units.map { "\($0.name) \($0.key)\n" }.joined()).hex),
      FinishedStamp.Part(
        name: "failures", hash: SHA256Digest(of: failures.map { $0.line + "\n" }.joined()).hex),
    ]
    for folder in ["pages", "templates"] {
      parts.append(
        FinishedStamp.Part(
          name: folder, hash: try FinishedStamp.hash("\(study.folder)/\(folder)", workers)))
    }
    for (name, path) in [
      ("evaluations", study.analysis.evaluations), ("table", study.measurements),
    ] {
      if let path {
        parts.append(FinishedStamp.Part(name: name, hash: hash(try FileReader(path).readAll())))
      }
    }
    for run in study.runs {
      let log = (run.checkpoints ?? "") + "/training_log.csv"
      if Folder.kind(of: log) == .file {
        parts.append(
          FinishedStamp.Part(
            name: "training log of \(run.name)", hash: hash(try FileReader(log).readAll())))
      }
    }
    parts.append(FinishedStamp.Part(name: "tend", hash: ProgramIdentity.current))
    return parts
  }
}

extension StudyRunner {
  /// Everything that a report is made from, by content: a page that was saved again without a change
  /// is no change.
  func reportContent() throws(FileError) -> [FinishedStamp.Part] {
    let own = [study.file] + [study.measurements, study.analysis.evaluations].compactMap { $0 }
    var files = own.filter { Folder.kind(of: $0) == .file }
    if study.measurements == nil {
      files += ResultsFolder.inputs.map { folders.results + "/" + $0 }
        .filter { Folder.kind(of: $0) == .file }
    }
    for folder in ["pages", "templates"] {
      files += try Folder.files(below: study.folder + "/" + folder)
    }
    let inputs = files
    let parts = try Workers(width: options.threads).map(inputs.count) { place throws(FileError) in
      try Self.part(inputs[place])
    }
    return parts + [FinishedStamp.Part(name: "tend", hash: ProgramIdentity.current)]
  }

  /// The part of `reportContent()` that a report itself may write; `nil` where there is none.
  func provenanceContent() throws(FileError) -> FinishedStamp.Part? {
    let file = folders.results + "/provenance.json"
    return Folder.kind(of: file) == .file ? try Self.part(file) : nil
  }

  private static func part(_ file: String) throws(FileError) -> FinishedStamp.Part {
    FinishedStamp.Part(name: file, hash: SHA256Digest(of: try FileReader(file).readAll()).hex)
  }
}

/// Which program this is: its version, and the state of its file.
enum ProgramIdentity {
  static var current: String {
    var status = stat()
    let path = Bundle.main.executablePath ?? ""
    guard stat(path, &status) == 0 else { return TendVersion.current }
    return "\(TendVersion.current)/\(status.st_size)/\(status.st_mtim.tv_sec)"
  }
}
