import Dispatch
import Synchronization

/// Work that goes on beside its caller's, such as writing tables while figures are drawn.
final class SideWork<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let ended = DispatchGroup()

  /// Begins `body` on a thread of its own; with one thread alone it is done before this returns.
  init(threads: Int, _ body: @escaping @Sendable () throws -> Value) {
    guard threads > 1 else {
      let value = Result { try body() }
      result.withLock { $0 = value }
      return
    }
    ended.enter()
    // Not a part of a concurrent loop: loops inside such a part get no threads.
    DispatchQueue.global().async { [self] in
      let value = Result { try body() }
      result.withLock { $0 = value }
      ended.leave()
    }
  }

  /// Waits for the end, whatever it was.
  func wait() { ended.wait() }

  /// What came out, or the error that it ended with.
  func value() throws -> Value {
    ended.wait()
    guard let result = result.withLock({ $0 }) else {
      preconditionFailure("work that has ended left no result")
    }
    return try result.get()
  }
}
