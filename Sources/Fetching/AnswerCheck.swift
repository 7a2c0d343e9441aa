/// What a status other than success means for the next attempt.
enum AnswerCheck {
  /// The server is busy or wants fewer requests; `seconds` as it says, if it does.
  struct Busy: Error, Equatable {
    let status: Int
    let reason: String
    let seconds: Double?
  }

  /// Throws unless `answer` carries what was asked for. `isFile`: a file's content rather than a
  /// listing.
  static func check(_ answer: HubClient.Answer, isFile: Bool) throws {
    let head = answer.head
    let place = "\(answer.address)"
    switch head.status {
    case 200: return
    case 206 where isFile: return
    case 401:
      throw FetchError.refused(
        place, status: 401,
        reason:
          "the repository does not exist, or is not open to all: set HF_TOKEN to a token that "
          + "may read it")
    case 403 where isFile && answer.redirects > 0:
      throw HTTPConnection.Fault.passing("HTTP 403: the signed address has expired")
    case 403:
      throw FetchError.refused(
        place, status: 403,
        reason: "this token may not read it; accept the model's terms on its page, or set another")
    case 404, 410:
      throw FetchError.refused(
        place, status: head.status,
        reason: isFile ? "there is no such file" : "there is no such repository or revision")
    case 429:
      throw Busy(
        status: 429, reason: "too many requests", seconds: ServerWait.seconds(head))
    case 503:
      throw Busy(
        status: 503, reason: "the server is not available", seconds: ServerWait.seconds(head))
    case 408, 425, 500...599:
      throw HTTPConnection.Fault.passing("HTTP \(head.status): the server failed")
    default:
      throw FetchError.refused(
        place, status: head.status, reason: "not an answer that is understood")
    }
  }
}
