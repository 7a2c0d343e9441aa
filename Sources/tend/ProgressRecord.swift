import Foundation
import Studies

/// An event as a line of `--progress json`.
struct ProgressRecord {
  private var fields: [(String, JSONText.Value)]

  init(_ event: StudyEvent, left: Double?, rate: Double?) {
    switch event {
    case .stageStarted(let stage, let units, let done):
      fields = [
        ("event", .text("stage_started")), ("stage", .text(stage.rawValue)),
        ("units", .integer(units)), ("done", .integer(done)),
      ]
    case .unitStarted(let stage, let unit, let index, let count):
      fields = [
        ("event", .text("unit_started")), ("stage", .text(stage.rawValue)), ("unit", .text(unit)),
        ("index", .integer(index)), ("of", .integer(count)),
      ]
      if let left { fields.append(("seconds_left", .number(left))) }
    case .unitFinished(let stage, let unit, let index, let count, let seconds):
      fields = [
        ("event", .text("unit_finished")), ("stage", .text(stage.rawValue)), ("unit", .text(unit)),
        ("index", .integer(index)), ("of", .integer(count)), ("seconds", .number(seconds)),
      ]
      if let rate { fields.append(("units_per_second", .number(rate))) }
      if let left { fields.append(("seconds_left", .number(left))) }
    case .unitFailed(let failed):
      fields = [
        ("event", .text("unit_failed")), ("stage", .text(failed.stage.rawValue)),
        ("run", .text(failed.run)), ("step", .integer(failed.step)),
        ("probe", failed.probe.map { .text($0) } ?? .null), ("reason", .text(failed.reason)),
      ]
    case .stageFinished(let stage, let seconds):
      fields = [
        ("event", .text("stage_finished")), ("stage", .text(stage.rawValue)),
        ("seconds", .number(seconds)),
      ]
    case .progress(let text): fields = [("event", .text("progress")), ("message", .text(text))]
    case .note(let text): fields = [("event", .text("note")), ("message", .text(text))]
    case .detail(let text): fields = [("event", .text("detail")), ("message", .text(text))]
    }
    if let peak = PeakMemory.megabytes { fields.append(("peak_mb", .integer(peak))) }
  }

  var line: String { JSONText.object(fields) }
}
