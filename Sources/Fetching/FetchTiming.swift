/// How patient a fetch is.
package struct FetchTiming: Sendable {
  /// For a connection to be made, in seconds.
  package var connect: Double = 15
  /// A transfer that brings fewer than `stallBytes` in so many seconds is given up and resumed.
  package var stall: Double = 20
  package var stallBytes = 1024
  /// Attempts in a row that bring nothing new, after which a file is given up.
  package var attempts = 6
  /// The wait after the first failure, in seconds; it doubles with each further one…
  package var firstDelay: Double = 0.5
  /// …up to this.
  package var longestDelay: Double = 60
  /// A server that wants to be left alone for longer, in seconds, ends the command.
  package var longestWait: Double = 900

  package init() {}

  /// The wait after `failures` failures in a row: doubling, and between three quarters of that and
  /// all of it, so that many clients do not come back at once.
  func delay(after failures: Int) -> Double {
    let whole = firstDelay * Double(1 << min(max(failures, 1) - 1, 30))
    return min(longestDelay, whole) * Double.random(in: 0.75...1)
  }
}
