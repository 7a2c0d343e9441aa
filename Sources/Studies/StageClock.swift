import Synchronization

/// Seconds spent by stage, over a whole run and by the work that is in flight.
final class StageClock: Sendable {
  /// What the work in flight took.
  struct Unit: Sendable {
    /// Since it began.
    let seconds: Double
    /// What no artifact of this work was told yet, by stage.
    let stages: [(stage: StudyStage, seconds: Double)]
  }

  private struct State {
    var spent: [StudyStage: Double] = [:]
    var untold: [StudyStage: Double] = [:]
    var begun = ContinuousClock.now
  }

  private let state = Mutex(State())

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
    state.withLock { state in
      state.spent[stage, default: 0] += seconds
      state.untold[stage, default: 0] += seconds
    }
  }

  var seconds: [StudyStage: Double] { state.withLock { $0.spent } }

  /// A piece of work begins; pieces come one after the other.
  func beginWork() {
    state.withLock { state in
      state.untold = [:]
      state.begun = .now
    }
  }

  /// What the work took up to now; each second by stage is told once, so that the artifacts of one
  /// pass add up to what it took.
  func takeUnit() -> Unit {
    state.withLock { state in
      defer { state.untold = [:] }
      return Self.unit(state)
    }
  }

  /// The same without telling it.
  var unit: Unit { state.withLock { Self.unit($0) } }

  private static func unit(_ state: State) -> Unit {
    Unit(
      seconds: seconds(state.begun.duration(to: .now)),
      stages: state.untold.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) })
  }

  static func seconds(_ duration: Duration) -> Double {
    let parts = duration.components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }
}
