extension Study {
  /// What figures write instead of the names of runs, by name.
  var labels: [String: String] {
    Dictionary(
      runs.compactMap { run in run.label.map { (run.name, $0) } }, uniquingKeysWith: { a, _ in a })
  }

  /// Labels that another run has as its own label or name: their lines could not be told apart.
  /// `names` are those of all runs, whether study.yaml lists them or not.
  func labelFindings(among names: [String]) -> [StudyFinding] {
    let labels = labels
    var owners: [String: String] = [:]
    for name in names where labels[name] == nil { owners[name] = name }
    var findings: [StudyFinding] = []
    for (index, run) in runs.enumerated() {
      guard let label = run.label else { continue }
      if let owner = owners[label], owner != run.name {
        findings.append(
          finding(
            at: "runs[\(index)].label",
            "\(Spelling.quoted(label)) is what figures call the run \(Spelling.quoted(owner)) too; "
              + "labels must differ"))
      }
      owners[label] = owners[label] ?? run.name
    }
    return findings
  }
}
