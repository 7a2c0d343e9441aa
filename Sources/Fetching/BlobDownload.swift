import Checkpoints
import Files

/// Fetches one file into the cache, whatever the network does: resumed where it stopped, hashed on the
/// way, named only when every byte is right.
struct BlobDownload {
  /// What is fetched, and of which revision.
  struct Task: Sendable {
    let repository: HubRepository
    let revision: String
    let commit: String
    /// The commit, or the name, under which the hub gives the files.
    let reference: String
    let file: HubFile

    var name: String { "\(repository)@\(revision)/\(file.path)" }
  }

  let client: HubClient
  let connection: HTTPConnection
  let blobs: String
  let events: @Sendable (FetchEvent) -> Void

  /// How often all bytes may come and be wrong.
  private static let mostMismatches = 2

  /// Fetches `task`'s file; returns when the blob is in its place. Whether it was fetched here: another
  /// program may have been first.
  func fetch(_ task: Task) throws(FetchError) -> Bool {
    let address = try client.address(
      "/\(task.repository)/resolve/\(task.reference)/"
        + task.file.path.split(separator: "/", omittingEmptySubsequences: false)
        .map { WebAddress.encoded(String($0)) }.joined(separator: "/"))
    let partial = try PartialBlob.open(
      task.file, blobs: blobs, waiting: client.waiting, timing: client.timing,
      tell: { events(.note($0)) })
    guard let partial else {
      events(.received(bytes: task.file.size))
      return false
    }
    if partial.writer.count > 0 {
      events(.resumed(file: task.name, from: partial.writer.count, of: task.file.size))
      events(.received(bytes: partial.writer.count))
    }
    var failures = 0
    var mismatches = 0
    var attempts = 0
    // A server that gives a byte at a time makes progress, but no end.
    let mostAttempts = 32 * client.timing.attempts + task.file.size >> 20
    while true {
      let before = partial.writer.count
      do {
        if before < task.file.size { try attempt(task, address, partial) }
        guard let wrong = try partial.publish() else { break }
        events(.received(bytes: -task.file.size))
        mismatches += 1
        guard mismatches < Self.mostMismatches else {
          throw FetchError.damaged(task.name, expected: task.file.hash.name, found: wrong)
        }
        events(.retrying(file: task.name, reason: "its hash is wrong; from the start", seconds: 0))
      } catch {
        // What came stays, even if this was the last attempt.
        try partial.writer.flush()
        attempts += 1
        guard attempts < mostAttempts else {
          throw .gaveUp(task.name, attempts: attempts, reason: "each brought a little; \(error)")
        }
        failures = partial.writer.count > before ? 1 : failures + 1
        try client.recover(
          from: error, failures: failures, place: task.name, origin: address.origin
        ) { reason, seconds in
          events(.retrying(file: task.name, reason: reason, seconds: seconds))
        }
      }
    }
    try PartialBlob.sweep(task.file, blobs: blobs)
    return true
  }

  /// Asks once for what is missing.
  private func attempt(_ task: Task, _ address: WebAddress, _ partial: PartialBlob) throws {
    let start = partial.writer.count
    let size = task.file.size
    var fields: [(name: String, value: String)] = []
    if start > 0 {
      fields.append(("Range", "bytes=\(start)-"))
      // A weak tag does not promise the same bytes (RFC 9110, 13.1.5).
      if let tag = partial.tag, !tag.hasPrefix("W/") { fields.append(("If-Range", tag)) }
    }
    try client.get(address, fields: fields, over: connection) { answer in
      if answer.head.status == 416 {
        try restart(partial)
        throw HTTPConnection.Fault.passing("HTTP 416: it does not know that range")
      }
      try checkIdentity(answer, task)
      try AnswerCheck.check(answer, isFile: true)
      let tag = answer.head["etag"]
      if let coding = answer.head["content-encoding"], coding.lowercased() != "identity" {
        throw HTTPConnection.Fault.passing("it came encoded (\(coding)), which was not asked for")
      }
      if answer.head.status == 206 {
        try checkRange(answer.head, start: start, size: size, partial)
        if let tag, let known = partial.tag, tag != known, !known.hasPrefix("W/") {
          try restart(partial)
          throw HTTPConnection.Fault.passing("the file on the server changed on the way")
        }
      } else {
        if let length = answer.head.contentLength, length != size {
          throw HTTPConnection.Fault.passing(
            "expected \(size) bytes, the server announces \(length)\(Self.kind(answer.head))")
        }
        // The whole file in spite of the range.
        if start > 0 { try restart(partial) }
      }
      try partial.note(tag: tag)
    } onBody: { bytes in
      guard partial.writer.count + bytes.count <= size else {
        try restart(partial)
        throw HTTPConnection.Fault.passing("expected \(size) bytes, the server sent more")
      }
      try partial.writer.append(bytes)
      events(.received(bytes: bytes.count))
    }
    guard partial.writer.count == size else {
      throw HTTPConnection.Fault.passing(
        "the answer ended after \(partial.writer.count) of \(size) bytes")
    }
  }

  private func restart(_ partial: PartialBlob) throws(FetchError) {
    events(.received(bytes: -partial.writer.count))
    try partial.writer.restart()
    try partial.note(tag: nil)
  }

  private func checkRange(
    _ head: HTTPHead, start: Int, size: Int, _ partial: PartialBlob
  ) throws {
    let text = head["content-range"] ?? ""
    guard start > 0, let range = ContentRange(text), range.first == start,
      range.total == nil || range.total == size, range.last < size
    else {
      try restart(partial)
      throw HTTPConnection.Fault.passing(
        "expected bytes \(start)-\(size - 1)/\(size), the server answers with "
          + "\(TextLimit.quoted(text))")
    }
  }

  /// What the hub says about the file on the way to it must be what it listed.
  private func checkIdentity(_ answer: HubClient.Answer, _ task: Task) throws(FetchError) {
    var heads = answer.onTheWay
    if answer.address.origin == client.settings.endpoint.origin { heads.append(answer.head) }
    for head in heads {
      if let commit = head["x-repo-commit"], commit != task.commit {
        throw .changed(
          task.name, expected: "commit \(task.commit)", found: TextLimit.quoted(commit))
      }
      if let tag = head["x-linked-etag"], HTTPHead.bareTag(tag) != task.file.hash.name {
        throw .changed(
          task.name, expected: task.file.hash.name, found: TextLimit.quoted(HTTPHead.bareTag(tag)))
      }
      if let size = head["x-linked-size"], Int(size) != task.file.size {
        throw .changed(
          task.name, expected: "\(task.file.size) bytes", found: TextLimit.quoted(size))
      }
    }
  }

  private static func kind(_ head: HTTPHead) -> String {
    guard let type = head["content-type"], type.hasPrefix("text/html") else { return "" }
    return ": a web page, perhaps a login"
  }
}

/// Text from a server in a message.
enum TextLimit {
  /// At most 120 characters, in quotes.
  static func quoted(_ text: String) -> String {
    "\"" + text.prefix(120) + (text.count > 120 ? "…" : "") + "\""
  }
}
