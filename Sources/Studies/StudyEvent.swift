/// Something that happens while a study runs, in the order in which it happens.
package enum StudyEvent: Sendable, Equatable {
  /// A stage begins with this many units to do; `done` are there from an earlier run.
  case stageStarted(StudyStage, units: Int, done: Int)
  /// The unit with this number, from 1, begins.
  case unitStarted(StudyStage, unit: String, index: Int, of: Int)
  /// How far the unit that began last is, in words.
  case progress(String)
  case unitFinished(StudyStage, unit: String, index: Int, of: Int, seconds: Double)
  /// A unit cannot be measured; the rest goes on.
  case unitFailed(FailedUnit)
  case stageFinished(StudyStage, seconds: Double)
  /// Something that a user should know and that stops nothing, such as a repaired artifact.
  case note(String)
  /// A detail for `--verbose`.
  case detail(String)
}

/// A unit of work that failed: what it was, and one line why.
package struct FailedUnit: Sendable, Hashable {
  package let stage: StudyStage
  package let run: String
  package let step: Int
  /// The probe, where the unit has one.
  package let probe: String?
  /// File, place, expected, found, fix.
  package let reason: String

  package init(stage: StudyStage, run: String, step: Int, probe: String? = nil, reason: String) {
    self.stage = stage
    self.run = run
    self.step = step
    self.probe = probe
    self.reason = reason
  }

  /// One line, without control characters.
  package var line: String {
    Spelling.inert("\(run), step \(step): \(reason)")
  }
}
