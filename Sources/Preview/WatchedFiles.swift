import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What stands in some files and folders, to be compared with what stands there later.
///
/// Asked for again and again instead of being told by the kernel: that works on the file systems of
/// clusters too, where changes come from other machines.
package struct WatchedFiles: Sendable, Hashable {
  private struct State: Sendable, Hashable {
    let node: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int
  }

  private var states: [String: State] = [:]

  /// The state of each of `paths` now; of everything below those that are folders. Hidden files, as
  /// editors leave them, do not count.
  package init(_ paths: [String]) {
    for path in paths { add(path) }
  }

  private mutating func add(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      states[path] = State(
        node: UInt64(status.st_ino), size: Int64(status.st_size),
        seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec))
      return
    }
    // A folder that goes away while it is listed has no names; the next look sees that.
    guard let names = try? Folder.names(in: path) else { return }
    for name in names where !name.hasPrefix(".") && !name.hasSuffix("~") { add(path + "/" + name) }
  }

  /// Whether a file that held something in `before` is there and holds nothing: its editor, perhaps,
  /// has emptied it and is about to fill it.
  package func isEmptied(since before: WatchedFiles) -> Bool {
    states.contains { path, state in
      state.size == 0 && (before.states[path].map { $0.size > 0 } ?? false)
    }
  }

  /// The files that are not as they were in `before`, sorted.
  package func changes(since before: WatchedFiles) -> [String] {
    Set(states.keys).union(before.states.keys).filter { states[$0] != before.states[$0] }.sorted()
  }
}
