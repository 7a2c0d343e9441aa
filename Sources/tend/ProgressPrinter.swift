import Foundation
import Studies
import Synchronization

/// Shows what a study does on standard error: a line that is rewritten on a terminal, plain lines
/// elsewhere, or one JSON object a line.
final class ProgressPrinter: Sendable {
  enum Style: Sendable { case terminal, lines, json }

  /// What the line that is rewritten tells.
  private struct Status {
    let stage: StudyStage
    let unit: String
    let index: Int
    let count: Int
    /// How far the unit is.
    var progress = ""
  }

  private struct State {
    var progress: StageProgress?
    var status: Status?
    /// Columns that the line on the screen takes; 0 where there is none.
    var shownColumns = 0
    var lastDrawn = Date.distantPast
    var failures = 0
  }

  private let style: Style
  private let isQuiet: Bool
  private let isVerbose: Bool
  private let terminal: Terminal
  private let state = Mutex(State())

  init(style: Style, isQuiet: Bool, isVerbose: Bool, terminal: Terminal) {
    self.style = style
    self.isQuiet = isQuiet
    self.isVerbose = isVerbose
    self.terminal = terminal
  }

  func handle(_ event: StudyEvent) {
    let now = Date()
    state.withLock { state in
      switch event {
      case .stageStarted(_, let units, _): state.progress = StageProgress(units: units, begun: now)
      case .unitFinished: state.progress?.finishUnit()
      case .unitFailed:
        state.progress?.finishUnit()
        state.failures += 1
      default: break
      }
      switch style {
      case .json:
        write(
          ProgressRecord(
            event, left: state.progress?.secondsLeft(now: now), rate: state.progress?.rate(now: now)
          ).line)
      case .terminal: drawTerminal(event, state: &state, now: now)
      case .lines: printLine(event, state: &state, now: now)
      }
    }
  }

  /// Takes the line that is rewritten off the screen; before any other output.
  func clear() {
    state.withLock {
      clear(&$0)
      $0.status = nil
    }
  }

  /// Draws the line again, so that the time left moves on, a resized window is followed, and the line
  /// is back after the program was stopped and goes on.
  func tick() {
    state.withLock { state in
      guard state.status != nil else { return }
      draw(&state, now: Date())
    }
  }

  private func clear(_ state: inout State) {
    guard state.shownColumns > 0 else { return }
    write(takingOff(state.shownColumns), newline: false)
    state.shownColumns = 0
  }

  /// Escape sequences that take a line of so many columns off a window of the width it has now: one that
  /// was made narrower broke the line into several.
  private func takingOff(_ columns: Int) -> String {
    let above = max(0, columns - 1) / max(1, terminal.columns)
    return (above > 0 ? "\u{1B}[\(above)A" : "") + "\r\u{1B}[J"
  }

  private func draw(_ state: inout State, now: Date) {
    // Stopped and sent to the background: the screen belongs to another program.
    guard let status = state.status, terminal.isForeground else { return }
    var parts = [
      terminal.bold(status.stage.title), "\(status.index) of \(status.count)",
      Spelling.inert(status.unit),
    ]
    if !status.progress.isEmpty {
      parts.append(Spelling.inert(status.progress))
    } else if let rate = state.progress?.rate(now: now) {
      parts.append(
        rate >= 1 ? String(format: "%.1f/s", rate) : "\(StageProgress.words(1 / rate)) each")
    }
    if let left = state.progress?.secondsLeft(now: now) {
      parts.append("\(StageProgress.words(left)) left")
    }
    if let peak = PeakMemory.megabytes { parts.append("peak \(peak) MB") }
    let (line, columns) = Self.cut(parts.joined(separator: "  "), to: terminal.columns - 1)
    let before = state.shownColumns > 0 ? takingOff(state.shownColumns) : "\r\u{1B}[K"
    write("\(before)\(line)\(terminal.usesColour ? "\u{1B}[0m" : "")", newline: false)
    state.shownColumns = max(1, columns)
    state.lastDrawn = now
  }

  private func drawTerminal(_ event: StudyEvent, state: inout State, now: Date) {
    switch event {
    case .unitStarted(let stage, let unit, let index, let count):
      guard !isQuiet else { return }
      state.status = Status(stage: stage, unit: unit, index: index, count: count)
      // A rate that eyes can follow; the first unit of a stage is always shown.
      guard index == 1 || now.timeIntervalSince(state.lastDrawn) > 0.1 else { return }
      draw(&state, now: now)
    case .progress(let words):
      guard !isQuiet else { return }
      state.status?.progress = words
      guard now.timeIntervalSince(state.lastDrawn) > 0.1 else { return }
      draw(&state, now: now)
    case .unitFinished:
      break
    default:
      if case .stageFinished = event { state.status = nil }
      guard let line = plainLine(event, state: state, now: now) else { return }
      clear(&state)
      write(line)
    }
  }

  private func printLine(_ event: StudyEvent, state: inout State, now: Date) {
    if case .progress(let words) = event {
      // A pace for logs.
      guard !isQuiet, now.timeIntervalSince(state.lastDrawn) > 10 else { return }
      state.lastDrawn = now
      return write("  " + Spelling.inert(words))
    }
    guard let line = plainLine(event, state: state, now: now) else { return }
    if case .unitStarted = event { state.lastDrawn = now }
    write(line)
  }

  /// The line that an event is worth, if any.
  private func plainLine(_ event: StudyEvent, state: State, now: Date) -> String? {
    switch event {
    case .unitFailed(let failed):
      return terminal.red("failed: ") + failed.line
    case .note(let text):
      return isQuiet ? nil : Spelling.inert(text)
    case .detail(let text):
      return isVerbose && !isQuiet ? Spelling.inert(text) : nil
    case .stageStarted(let stage, let units, let done):
      guard !isQuiet, units == 0, done > 0 else { return nil }
      return "\(stage.title): all \(done) there from before"
    case .unitStarted(let stage, let unit, let index, let count):
      guard !isQuiet, style == .lines else { return nil }
      let left = state.progress?.secondsLeft(now: now).map { ", \(StageProgress.words($0)) left" }
      return "\(stage.title): \(Spelling.inert(unit)) (\(index) of \(count)\(left ?? ""))"
    case .stageFinished(let stage, let seconds):
      guard !isQuiet, let units = state.progress?.units, units > 0 else { return nil }
      let count = units == 1 ? "" : " \(units) units in"
      let peak = isVerbose ? PeakMemory.megabytes.map { ", peak \($0) MB" } : nil
      return "\(stage.title):\(count) \(StageProgress.words(seconds))\(peak ?? "")"
    case .unitFinished, .progress:
      return nil
    }
  }

  /// The line without what does not fit into `columns`, and how many it takes; escape sequences take no
  /// room.
  private static func cut(_ line: String, to columns: Int) -> (line: String, columns: Int) {
    var kept = ""
    var width = 0
    var isEscape = false
    for character in line {
      if character == "\u{1B}" { isEscape = true }
      if !isEscape {
        guard width < columns else { break }
        width += 1
      }
      kept.append(character)
      if isEscape, character.isLetter { isEscape = false }
    }
    return (kept, width)
  }

  private func write(_ text: String, newline: Bool = true) {
    FileHandle.standardError.write(Data((newline ? text + "\n" : text).utf8))
  }
}
