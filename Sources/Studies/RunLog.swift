import Files
import Foundation

/// What a log in `.tend/log/` tells of its run: which command on which machine, and how far it is.
struct RunLog: Sendable {
  let path: String
  /// Empty where the log does not say.
  private(set) var host = ""
  private(set) var process: Int32?
  /// As it was given; empty where the log does not say.
  private(set) var command = ""
  /// The last line, with its time.
  let last: String
  /// The unit at work: a stage's word and the unit's name, as the log has them.
  private(set) var unit: (stage: String, name: String)?
  /// Seconds since the log was written or its run gave a sign of life.
  let silent: Int
  let isEnded: Bool

  /// What stands between a unit's name and its place.
  static let begins = " begins ("
  /// So much of a log's beginning and end is read.
  private static let window = 16_384

  /// The first line of a log.
  static func beginning(host: String, process: Int32, command: String) -> String {
    "tend \(TendVersion.current) on \(host), process \(process): \(command)"
  }

  /// The log in `path`; `nil` where it is empty.
  init?(_ path: String, now: Date = .now) throws(FileError) {
    let reader = try FileReader(path)
    func text(at offset: Int) throws(FileError) -> String {
      String(
        decoding: try reader.read(at: offset, count: min(reader.size - offset, Self.window)),
        as: UTF8.self)
    }
    let end = try text(at: max(0, reader.size - Self.window)).split(separator: "\n")
    guard let last = end.last else { return nil }
    self.path = path
    self.last = String(last)
    isEnded = last.contains(EventLog.end)
    silent = max(
      0, Int(now.timeIntervalSince1970 - Double(reader.identity.modifiedNanoseconds) / 1e9))
    if let first = try text(at: 0).split(separator: "\n").first { readBeginning(first) }
    unit = Self.unit(in: end)
  }

  private mutating func readBeginning(_ line: Substring) {
    // Behind the time.
    guard let space = line.firstIndex(of: " ") else { return }
    let text = line[line.index(after: space)...]
    guard text.hasPrefix("tend "), let place = text.range(of: " on "),
      let number = text.range(of: ", process "), let colon = text.range(of: ": "),
      place.upperBound <= number.lowerBound, number.upperBound <= colon.lowerBound
    else { return }
    host = String(text[place.upperBound..<number.lowerBound])
    process = Int32(text[number.upperBound..<colon.lowerBound])
    command = String(text[colon.upperBound...])
  }

  /// The unit that began last, unless something ended after it.
  private static func unit(in lines: [Substring]) -> (stage: String, name: String)? {
    for line in lines.reversed() {
      if line.contains(": took ") || line.contains(" took ") || line.contains(" failed: ") {
        return nil
      }
      guard let end = line.range(of: begins, options: .backwards),
        let space = line.firstIndex(of: " "), let colon = line.range(of: ": "),
        space < colon.lowerBound, colon.upperBound <= end.lowerBound
      else { continue }
      return (
        String(line[line.index(after: space)..<colon.lowerBound]),
        String(line[colon.upperBound..<end.lowerBound])
      )
    }
    return nil
  }

  /// Whether the run is at work, as far as files and, on this machine, the process tell.
  func isRunning(on machine: String) -> Bool {
    guard !isEnded, silent <= 4 * EventLog.pulse else { return false }
    guard host == machine, let process else { return true }
    return kill(process, 0) == 0 || errno == EPERM
  }

  /// Whether the log holds `text`; of a very long one its last megabytes are looked at.
  func mentions(_ text: String) throws(FileError) -> Bool {
    let reader = try FileReader(path)
    let count = min(reader.size, 4 << 20)
    let bytes = try reader.read(at: reader.size - count, count: count)
    return String(decoding: bytes, as: UTF8.self).contains(Spelling.inert(text))
  }

  /// The logs in `folder`, the oldest first; none where there is no folder.
  static func all(in folder: String) throws(FileError) -> [RunLog] {
    guard Folder.kind(of: folder) == .folder else { return [] }
    var logs: [RunLog] = []
    for name in try Folder.names(in: folder) where name.hasSuffix(".log") {
      if let log = try RunLog("\(folder)/\(name)") { logs.append(log) }
    }
    return logs
  }
}
