import Dispatch
import Synchronization

/// Independent pieces of work, several at once.
///
/// Neither figures nor pages depend on one another, so the order in which they are made changes no byte.
package struct Workers: Sendable {
  package let width: Int

  package init(width: Int) { self.width = max(1, width) }

  /// The results of `body` for each index, in order; the first error by index is thrown after all
  /// have ended.
  package func map<Element: Sendable, Failure: Error>(
    _ count: Int, _ body: @Sendable (Int) throws(Failure) -> Element
  ) throws(Failure) -> [Element] {
    let next = Atomic(0)
    let results = Mutex<[Int: Result<Element, Failure>]>([:])
    DispatchQueue.concurrentPerform(iterations: min(width, max(1, count))) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let result: Result<Element, Failure>
        do throws(Failure) {
          result = .success(try body(index))
        } catch {
          result = .failure(error)
        }
        results.withLock { $0[index] = result }
      }
    }
    let all = results.withLock { $0 }
    var values: [Element] = []
    values.reserveCapacity(count)
    for index in 0..<count {
      guard let result = all[index] else { preconditionFailure("piece \(index) left no result") }
      values.append(try result.get())
    }
    return values
  }
}
