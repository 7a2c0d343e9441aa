import Files

/// Where a study's results go, and whether they can go there.
struct OutputFolders: Sendable {
  let working: String
  let results: String
  let figures: String
  let site: String

  init(_ study: Study) {
    working = study.folder + "/.tend"
    results = study.folder + "/results"
    figures = study.folder + "/figures"
    site = study.folder + "/site"
  }

  /// Every folder that cannot be written, or is no folder.
  var findings: [StudyFinding] {
    [working, results, figures, site].compactMap { path in
      Folder.obstacle(toWritingInto: path).map { StudyFinding("\($0)") }
    }
  }
}
