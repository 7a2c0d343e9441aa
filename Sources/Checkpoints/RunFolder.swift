package import Files

/// A folder that holds a run's checkpoints, one `stepN/` each.
package struct RunFolder: Sendable, Equatable {
  /// A step that is there, readable or not.
  package struct Entry: Sendable, Equatable {
    package let step: Int
    package let folder: String
    /// Why it cannot be read; nil where its files are in place (their content was not looked at).
    package let obstacle: String?
  }

  package let path: String
  /// By step.
  package let entries: [Entry]

  /// Lists `path`; names that are no `stepN` are passed over.
  package init(_ path: String) throws(FileError) {
    self.path = path
    var entries: [Entry] = []
    for name in try Folder.names(in: path) {
      guard let step = Self.step(of: name) else { continue }
      let folder = path + "/" + name
      guard Folder.kind(of: folder) == .folder else { continue }
      entries.append(Entry(step: step, folder: folder, obstacle: Checkpoint.obstacle(in: folder)))
    }
    self.entries = entries.sorted { $0.step < $1.step }
  }

  package func entry(step: Int) -> Entry? { entries.first { $0.step == step } }

  /// The steps nearest to `step`, at most one on either side.
  package func nearest(to step: Int) -> [Int] {
    [entries.last { $0.step < step }?.step, entries.first { $0.step > step }?.step]
      .compactMap { $0 }
  }

  /// N for the name `stepN`, digits only and without leading zeros.
  static func step(of name: String) -> Int? {
    guard name.hasPrefix("step") else { return nil }
    let digits = name.dropFirst(4)
    guard !digits.isEmpty, digits.utf8.count <= 18,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      digits == "0" || digits.first != "0"
    else { return nil }
    return Int(digits)
  }
}
