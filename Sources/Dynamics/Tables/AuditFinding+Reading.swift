extension AuditFinding {
  /// Reads `results/audit.csv`. Every finding about the file is reported.
  package static func read(csv bytes: [UInt8], file: String) throws(DynamicsError)
    -> [AuditFinding]
  {
    var findings: [AuditFinding] = []
    var reader = StrictTableReader(columns: columns)
    reader.read(bytes) { record, reader in
      let before = reader.count
      let name = reader.name(record, 0, "the name of a run")
      let step = reader.requiredWholeNumber(record, 1)
      if record.fields[2].isEmpty { reader.note(record, 2, "the name of a check") }
      let other = reader.wholeNumber(record, 4)
      reader.word(record, 5, of: ["true", "false"])
      guard reader.count == before, let step else { return }
      findings.append(
        AuditFinding(
          run: name, step: step, check: record.fields[2], finding: record.fields[3],
          otherStep: other, excluded: record.fields[5] == "true",
          detail: InertName.unescaped(record.fields[6])))
    }
    try reader.finish(file: file)
    return findings
  }
}
