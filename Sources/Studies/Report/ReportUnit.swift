import Capture
import Files
import Reporting

/// A piece of a report whose artifact is found or made: the analysis, or a figure.
struct ReportUnit: Sendable, Hashable {
  let stage: StudyStage
  /// `analysis`, or the figure's id.
  let name: String
  let inputs: UnitInputs

  var key: ArtifactKey { inputs.key }

  /// The analysis of tables with these digests. The number of threads is no input: it changes no bit.
  init(
    analysisOf tables: [(table: String, sha256: String)], evaluations: String?, of study: Study
  ) {
    stage = .analysis
    name = StudyStage.analysis.rawValue
    var entries = tables.map { UnitInputs.Entry(name: $0.table, value: $0.sha256) }
    if let evaluations { entries.append(UnitInputs.Entry(name: "evaluations", value: evaluations)) }
    entries += [
      UnitInputs.Entry(
        name: "analysis.late_from", value: study.analysis.lateFrom.map(String.init) ?? ""),
      UnitInputs.Entry(
        name: "analysis.audit", value: study.analysis.keepsFlagged ? "keep" : "drop"),
      UnitInputs.Entry(name: "seed", value: String(study.seed)), Self.program,
    ]
    inputs = UnitInputs(.analysis, entries: entries)
  }

  init(_ figure: FigureInputs) {
    stage = .figures
    name = figure.id
    inputs = UnitInputs(
      .figure,
      entries: figure.parts.map { UnitInputs.Entry(name: $0.name, value: $0.hash) } + [Self.program]
    )
  }

  /// Analysis and drawings are the work of seconds: another program makes them anew, and nobody has to
  /// remember that a version must be raised.
  private static var program: UnitInputs.Entry {
    UnitInputs.Entry(name: "tend", value: ProgramIdentity.current)
  }
}
