import Dispatch
import Synchronization

/// `transform` of each item, in the order of the items, on up to `threads` threads.
///
/// The result depends on the items alone: which thread takes which item decides nothing.
func parallelMap<Item: Sendable, Result: Sendable>(
  _ items: [Item], threads: Int, _ transform: @Sendable (Item) -> Result
) -> [Result] {
  let lanes = max(1, min(threads, items.count))
  guard lanes > 1 else { return items.map(transform) }
  let next = Atomic(0)
  let done = Mutex<[(index: Int, result: Result)]>([])
  DispatchQueue.concurrentPerform(iterations: lanes) { _ in
    var own: [(index: Int, result: Result)] = []
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < items.count else { break }
      own.append((index, transform(items[index])))
    }
    done.withLock { $0 += own }
  }
  return done.withLock { $0 }.sorted { $0.index < $1.index }.map(\.result)
}
