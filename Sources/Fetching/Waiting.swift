import Foundation
import Synchronization

/// What all workers of a fetch share: who must not be asked before when, and whether to stop.
final class Waiting: Sendable {
  private struct State {
    var notBefore: [String: ContinuousClock.Instant] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())
  private let tell: @Sendable (String) -> Void

  /// `tell` gets a sentence for a wait that a person would notice.
  init(tell: @escaping @Sendable (String) -> Void = { _ in }) { self.tell = tell }

  /// Nobody asks `origin` for the next `seconds`, since its answer was the last that it wants to give.
  func rest(_ origin: String, seconds: Double) {
    if seconds >= 2 { tell("\(origin) asks to be left alone for \(Int(seconds)) s") }
    hold(origin, seconds: seconds)
  }

  /// Nobody asks `origin` for the next `seconds`.
  func hold(_ origin: String, seconds: Double) {
    let until = ContinuousClock.now + .seconds(seconds)
    state.withLock { $0.notBefore[origin] = max($0.notBefore[origin] ?? until, until) }
  }

  func stop() { state.withLock { $0.isStopped = true } }

  var isStopped: Bool { state.withLock { $0.isStopped } }

  /// Returns when `origin` may be asked.
  func pass(_ origin: String) throws(FetchError) {
    while true {
      guard let until = state.withLock({ $0.notBefore[origin] }) else { break }
      let left = until - .now
      guard left > .zero else { break }
      try sleep(min(Self.seconds(left), 0.2))
    }
    if isStopped { throw .cancelled }
  }

  /// Sleeps, but ends soon after `stop`.
  func sleep(_ seconds: Double) throws(FetchError) {
    let until = ContinuousClock.now + .seconds(seconds)
    while !isStopped {
      let left = Self.seconds(until - .now)
      guard left > 0 else { return }
      Thread.sleep(forTimeInterval: min(left, 0.1))
    }
    throw .cancelled
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
