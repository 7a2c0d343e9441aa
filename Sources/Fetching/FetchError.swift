package import Files

/// Why something was not fetched. No message holds a token or the query of an address.
package enum FetchError: Error, Equatable, CustomStringConvertible {
  /// An address of another form than expected.
  case address(String, reason: String)
  /// An environment variable, or the file that it names, cannot be used.
  case setting(String, reason: String)
  /// HF_HUB_OFFLINE forbids the request.
  case offline(String)
  /// The server will not give it, however often it is asked.
  case refused(String, status: Int, reason: String)
  /// No connection can be made, and another attempt would not change that: a certificate, say.
  case unreachable(String, reason: String)
  /// No attempt succeeded; `reason` is why the last one failed.
  case gaveUp(String, attempts: Int, reason: String)
  /// A redirect that is not followed.
  case redirect(from: String, to: String, reason: String)
  /// An answer of the hub of another form than expected.
  case listing(String, expected: String, found: String)
  /// The hub holds another file than it listed.
  case changed(String, expected: String, found: String)
  /// Every byte came, but they are not those that the hub announced.
  case damaged(String, expected: String, found: String)
  case noSpace(path: String, needed: Int, free: Int)
  case file(FileError)
  /// Another file's failure ended the whole.
  case cancelled

  package var description: String {
    switch self {
    case .address(let text, let reason): "\(text): \(reason)"
    case .setting(let name, let reason): "\(name): \(reason)"
    case .offline(let what):
      "\(what) is not in the cache, and HF_HUB_OFFLINE forbids requests; unset it and run again"
    case .refused(let place, let status, let reason): "\(place): HTTP \(status): \(reason)"
    case .unreachable(let place, let reason): "\(place): \(reason)"
    case .gaveUp(let place, let attempts, let reason):
      "\(place): given up after \(attempts) \(attempts == 1 ? "attempt" : "attempts"), the last "
        + "one: \(reason); "
        + "what came is kept, the same command goes on from there"
    case .redirect(let from, let to, let reason): "\(from): redirects to \(to): \(reason)"
    case .listing(let place, let expected, let found):
      "\(place): expected \(expected), found \(found)"
    case .changed(let place, let expected, let found):
      "\(place): the hub listed \(expected) and now has \(found); run the same command again"
    case .damaged(let place, let expected, let found):
      "\(place): expected the hash \(expected), received \(found) more than once; the copy on the "
        + "server or something on the way changes the bytes"
    case .noSpace(let path, let needed, let free):
      "\(path): \(ByteCount.words(needed)) are needed (\(needed) bytes), "
        + "\(ByteCount.words(free)) are free (\(free) bytes); free some space, then run the same "
        + "command again"
    case .file(let error): error.description
    case .cancelled: "not fetched, since another failure ended the command"
    }
  }

  /// Whether going on with other files makes no sense.
  var endsEverything: Bool {
    switch self {
    case .noSpace, .cancelled, .setting, .offline: true
    case .file(let error): error.isDiskFull
    case .refused(_, let status, _): status == 401
    default: false
    }
  }
}
