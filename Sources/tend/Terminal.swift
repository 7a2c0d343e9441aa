import Foundation

/// What standard error is connected to, and how progress may be shown there.
struct Terminal: Sendable {
  /// Whether a person looks at it and lines may be rewritten.
  let isInteractive: Bool
  let usesColour: Bool

  init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    isInteractive = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    // https://no-color.org: present and not empty.
    usesColour = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Whether this program is the one that the terminal shows; not so after it was stopped and sent to the
  /// background.
  var isForeground: Bool { tcgetpgrp(STDERR_FILENO) == getpgrp() }

  /// Columns right now, so that a resized window is followed; 80 where nothing is known.
  var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 10 else { return 80 }
    return Int(size.ws_col)
  }

  func bold(_ text: String) -> String { usesColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  func red(_ text: String) -> String { usesColour ? "\u{1B}[31m\(text)\u{1B}[0m" : text }
  func green(_ text: String) -> String { usesColour ? "\u{1B}[32m\(text)\u{1B}[0m" : text }
}
