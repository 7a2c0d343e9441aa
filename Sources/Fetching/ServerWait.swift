import Foundation

/// How long a server asks to be left alone.
enum ServerWait {
  /// Of an answer that refused a request: the longer of what Retry-After and RateLimit say, in
  /// seconds; nil where neither says anything.
  static func seconds(_ head: HTTPHead, now: Date = .now) -> Double? {
    let after = head["retry-after"].flatMap { retryAfter($0, now: now) }
    let reset = head["ratelimit"].flatMap(rateLimit)?.reset
    return [after, reset].compactMap(\.self).max()
  }

  /// The seconds until the next request may be made, where an answer used the last one up.
  static func exhausted(_ head: HTTPHead) -> Double? {
    head["ratelimit"].flatMap(rateLimit).flatMap { $0.remaining == 0 ? $0.reset : nil }
  }

  /// Retry-After: seconds, or a date (RFC 9110, 10.2.3).
  static func retryAfter(_ text: String, now: Date) -> Double? {
    if let seconds = Double(text) { return seconds >= 0 && seconds.isFinite ? seconds : nil }
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return formatter.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
  }

  /// RateLimit: `"api";r=0;t=55` (IETF draft-ietf-httpapi-ratelimit-headers), of several entries the
  /// one that asks for the longest wait; also its older form `limit=100, remaining=0, reset=55`.
  static func rateLimit(_ text: String) -> (remaining: Int, reset: Double)? {
    var found: (remaining: Int, reset: Double)?
    func take(_ parameters: [Substring]) {
      var values: [String: Double] = [:]
      for parameter in parameters {
        let pair = parameter.split(separator: "=", maxSplits: 1)
        guard pair.count == 2, let value = Double(HTTPHead.trimmed(pair[1])), value >= 0,
          value < 1e9
        else { continue }
        values[HTTPHead.trimmed(pair[0]).lowercased()] = value
      }
      guard let remaining = values["r"] ?? values["remaining"],
        let reset = values["t"] ?? values["reset"]
      else { return }
      let entry = (remaining: Int(remaining), reset: reset)
      guard let known = found else {
        found = entry
        return
      }
      let isStricter =
        (entry.remaining == 0) == (known.remaining == 0)
        ? entry.reset > known.reset : entry.remaining == 0
      if isStricter { found = entry }
    }
    let entries = text.split(separator: ",")
    for entry in entries { take(entry.split(separator: ";")) }
    if found == nil { take(entries) }
    return found
  }
}
