/// What happens during a fetch, for whoever shows it.
package enum FetchEvent: Sendable, Equatable {
  /// Bytes that came, or were there from an earlier call; negative where some had to be dropped.
  case received(bytes: Int)
  case resumed(file: String, from: Int, of: Int)
  case retrying(file: String, reason: String, seconds: Double)
  case fileFinished(file: String)
  case fileFailed(file: String, reason: String)
  case note(String)
}
