import Dispatch
import Foundation
import Synchronization

/// Several requests at once: a thread for each connection, since libcurl's calls wait for the network and
/// would hold up the pools that arithmetic runs in.
enum Workers {
  /// `body` of each item, on up to `count` threads, each with a connection of its own.
  static func forEach<Item: Sendable>(
    _ items: [Item], count: Int, client: HubClient,
    _ body: @escaping @Sendable (Int, Item, HTTPConnection) -> Void
  ) {
    let next = Next()
    let group = DispatchGroup()
    for _ in 0..<max(1, min(count, items.count)) {
      group.enter()
      let thread = Thread {
        let connection = client.connection()
        while let index = next.take(below: items.count) { body(index, items[index], connection) }
        group.leave()
      }
      thread.stackSize = 1 << 20
      thread.start()
    }
    group.wait()
  }

  private final class Next: Sendable {
    private let value = Mutex(0)

    func take(below end: Int) -> Int? {
      value.withLock { value in
        guard value < end else { return nil }
        value += 1
        return value - 1
      }
    }
  }
}
