import Foundation

/// How far a stage is: its units, their pace and the time left.
struct StageProgress: Sendable {
  let units: Int
  private(set) var finished = 0
  private let begun: Date

  init(units: Int, begun: Date) {
    self.units = units
    self.begun = begun
  }

  mutating func finishUnit() { finished += 1 }

  /// Seconds until all units are done at the pace so far; `nil` before the first is.
  func secondsLeft(now: Date) -> Double? {
    guard finished > 0, finished < units else { return nil }
    return now.timeIntervalSince(begun) / Double(finished) * Double(units - finished)
  }

  /// Units a second so far; `nil` before the first is done.
  func rate(now: Date) -> Double? {
    let seconds = now.timeIntervalSince(begun)
    return finished > 0 && seconds > 0 ? Double(finished) / seconds : nil
  }

  /// A length of time as people say it: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
  static func words(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "unknown" }
    if seconds < 9.95 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
