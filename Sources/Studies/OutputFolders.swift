import Files

/// Where a study's results go, and whether they can go there.
struct OutputFolders: Sendable {
  let working: String
  let results: String
  let figures: String
  let site: String

  /// Where everything but working files goes.
  var outputs: [String] { [results, figures, site] }

  init(_ study: Study) {
    working = study.folder + "/.tend"
    results = study.folder + "/results"
    figures = study.folder + "/figures"
    site = study.folder + "/site"
  }

  /// Every folder that cannot be written, or is no folder; one above several of them once.
  var findings: [StudyFinding] {
    var findings: [StudyFinding] = []
    for path in [working] + outputs {
      guard let obstacle = Folder.obstacle(toWritingInto: path) else { continue }
      let finding = StudyFinding("\(obstacle)")
      if !findings.contains(finding) { findings.append(finding) }
    }
    return findings
  }
}
