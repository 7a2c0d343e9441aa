import Synchronization

/// Seconds spent by stage, for `provenance.json`.
final class StageClock: Sendable {
  private let spent = Mutex<[StudyStage: Double]>([:])

  /// Runs `body` and adds its time to `stage`.
  func measure<Result>(_ stage: StudyStage, _ body: () throws -> Result) rethrows -> Result {
    let begun = ContinuousClock.now
    defer { add(begun.duration(to: .now), to: stage) }
    return try body()
  }

  func add(_ duration: Duration, to stage: StudyStage) {
    add(seconds: Self.seconds(duration), to: stage)
  }

  func add(seconds: Double, to stage: StudyStage) {
    spent.withLock { $0[stage, default: 0] += seconds }
  }

  var seconds: [StudyStage: Double] { spent.withLock { $0 } }

  static func seconds(_ duration: Duration) -> Double {
    let parts = duration.components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }
}
