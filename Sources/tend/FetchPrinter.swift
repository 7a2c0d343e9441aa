import Fetching
import Foundation
import Studies
import Synchronization

/// Shows a fetch on standard error: a bar with rate and time left on a terminal, plain lines elsewhere, or
/// one JSON object a line.
final class FetchPrinter: Sendable {
  private struct State {
    var bytes = 0
    var total = 0
    var finished = 0
    var files = 0
    var begun = Date.now
    /// Bytes at times in the last ten seconds: the rate follows what the network does now.
    var recent: [(time: Date, bytes: Int)] = []
    var lastDrawn = Date.distantPast
    var barIsShown = false
  }

  private let style: ProgressPrinter.Style
  private let isQuiet: Bool
  private let terminal = Terminal()
  private let state = Mutex(State())

  init(progress: RunningOptions.Progress, isQuiet: Bool) {
    style = progress.style(terminal)
    self.isQuiet = isQuiet
  }

  func begin(bytes: Int, files: Int) {
    state.withLock { state in
      state.total = bytes
      state.files = files
      state.begun = .now
    }
  }

  func handle(_ event: FetchEvent) {
    state.withLock { state in
      switch event {
      case .received(let bytes): state.bytes += bytes
      case .fileFinished: state.finished += 1
      default: break
      }
      let now = Date.now
      note(&state, now: now)
      if let line = style == .json ? record(event, state) : line(event, state) {
        clear(&state)
        write(line)
      }
      draw(&state, now: now)
    }
  }

  func end(_ outcome: Fetcher.Outcome) {
    state.withLock { state in
      clear(&state)
      let seconds = max(Date.now.timeIntervalSince(state.begun), 1e-3)
      if style != .json, !isQuiet, state.files > 0 {
        let rate = ByteCount.words(Int(Double(outcome.bytes) / seconds))
        write(
          "fetched \(state.finished) of \(state.files) files, \(ByteCount.words(outcome.bytes)) in "
            + "\(StageProgress.words(seconds)) (\(rate)/s)")
      }
    }
    if !outcome.failures.isEmpty {
      let count = outcome.failures.count
      Output.message("\(count) \(count == 1 ? "file was" : "files were") not fetched")
    }
  }

  /// Takes the bar off the screen, before any other output.
  func clear() { state.withLock { clear(&$0) } }

  private func clear(_ state: inout State) {
    guard state.barIsShown else { return }
    write("\r\u{1B}[K", newline: false)
    state.barIsShown = false
  }

  private func note(_ state: inout State, now: Date) {
    guard let last = state.recent.last else {
      state.recent = [(now, state.bytes)]
      return
    }
    guard now.timeIntervalSince(last.time) > 0.2 else { return }
    state.recent.append((now, state.bytes))
    state.recent.removeAll { now.timeIntervalSince($0.time) > 10 }
  }

  /// Bytes a second over the last seconds; nil before there is anything to divide.
  private func rate(_ state: State, now: Date) -> Double? {
    guard let first = state.recent.first else { return nil }
    let seconds = now.timeIntervalSince(first.time)
    let bytes = state.bytes - first.bytes
    return seconds > 0.5 && bytes > 0 ? Double(bytes) / seconds : nil
  }

  private func draw(_ state: inout State, now: Date) {
    guard !isQuiet, state.total > 0, style == .terminal || style == .lines else { return }
    // A pace for eyes on a terminal, for logs elsewhere.
    guard now.timeIntervalSince(state.lastDrawn) > (style == .terminal ? 0.1 : 30) else { return }
    let isFirst = state.lastDrawn == .distantPast
    state.lastDrawn = now
    if style == .lines, isFirst { return }
    let share = min(1, max(0, Double(state.bytes) / Double(state.total)))
    var words =
      "\(Int(share * 100)) %  \(ByteCount.words(max(0, state.bytes))) of \(ByteCount.words(state.total))"
      + "  \(state.finished) of \(state.files) files"
    if let rate = rate(state, now: now) {
      words += "  \(ByteCount.words(Int(rate)))/s"
      words +=
        "  \(StageProgress.words(Double(max(0, state.total - state.bytes)) / rate)) left"
    }
    guard style == .terminal else { return write(words) }
    let width = min(30, max(0, terminal.columns - words.count - 4))
    let filled = Int(Double(width) * share)
    let bar =
      width < 8
      ? ""
      : "[" + String(repeating: "#", count: filled)
        + String(repeating: "-", count: width - filled) + "] "
    write("\r\u{1B}[K" + String((bar + words).prefix(terminal.columns - 1)), newline: false)
    state.barIsShown = true
  }

  private func line(_ event: FetchEvent, _ state: State) -> String? {
    switch event {
    case .fileFailed(let file, let reason):
      let text = reason.hasPrefix(file) ? reason : "\(file): \(reason)"
      return terminal.red("failed: ") + Spelling.inert(text)
    case .retrying(let file, let reason, let seconds):
      guard !isQuiet else { return nil }
      let wait = seconds > 0.05 ? "; again in \(StageProgress.words(seconds))" : ""
      return Spelling.inert("\(file): \(reason)\(wait)")
    case .resumed(let file, let from, let size):
      guard !isQuiet else { return nil }
      return Spelling.inert(
        "\(file): goes on at \(ByteCount.words(from)) of \(ByteCount.words(size))")
    case .fileFinished(let file):
      guard !isQuiet, style == .lines else { return nil }
      return Spelling.inert("\(file) (\(state.finished) of \(state.files))")
    case .note(let text): return isQuiet ? nil : Spelling.inert(text)
    case .received: return nil
    }
  }

  private func record(_ event: FetchEvent, _ state: State) -> String? {
    var fields: [(String, JSONText.Value)]
    switch event {
    case .received: return nil
    case .resumed(let file, let from, let size):
      fields = [
        ("event", .text("file_resumed")), ("file", .text(file)), ("from", .integer(from)),
        ("of", .integer(size)),
      ]
    case .retrying(let file, let reason, let seconds):
      fields = [
        ("event", .text("file_retrying")), ("file", .text(file)), ("reason", .text(reason)),
        ("seconds", .number(seconds)),
      ]
    case .fileFinished(let file):
      fields = [("event", .text("file_finished")), ("file", .text(file))]
    case .fileFailed(let file, let reason):
      fields = [
        ("event", .text("file_failed")), ("file", .text(file)), ("reason", .text(reason)),
      ]
    case .note(let text): fields = [("event", .text("note")), ("message", .text(text))]
    }
    fields += [("bytes", .integer(state.bytes)), ("of_bytes", .integer(state.total))]
    if let rate = rate(state, now: .now) {
      fields.append(("seconds_left", .number(Double(max(0, state.total - state.bytes)) / rate)))
    }
    return JSONText.object(fields)
  }

  private func write(_ text: String, newline: Bool = true) {
    FileHandle.standardError.write(Data((newline ? text + "\n" : text).utf8))
  }
}
