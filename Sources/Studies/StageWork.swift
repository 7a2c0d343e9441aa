/// A unit to do, and what it is called when it fails.
struct StageWork {
  let stage: StudyStage
  let unit: String
  /// What its failure is recorded under.
  let key: String
  let body: () throws -> Void
  let failed: (String) -> FailedUnit

  init(
    stage: StudyStage, unit: String, key: String, _ body: @escaping () throws -> Void,
    failed: @escaping (String) -> FailedUnit
  ) {
    self.stage = stage
    self.unit = unit
    self.key = key
    self.body = body
    self.failed = failed
  }
}
