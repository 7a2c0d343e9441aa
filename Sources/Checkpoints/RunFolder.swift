package import Files

/// A run's checkpoints as they lie on disk: a folder with one folder a step, or a Hugging Face cache.
package struct RunFolder: Sendable, Equatable {
  /// A step that is there, readable or not.
  package struct Entry: Sendable, Equatable {
    package let step: Int
    package let folder: String
    /// Why it cannot be read; nil where its files are in place (their content was not looked at).
    package let obstacle: String?
    /// Tokens seen, where the name says so.
    package var tokens: Double?
  }

  package let path: String
  /// By step.
  package let entries: [Entry]

  /// Lists `path`; names that are no step's, by `pattern` or by `StepName`, are passed over.
  package init(_ path: String, pattern: StepPattern? = nil) throws(FileError) {
    self.path = path
    var found: [Place] = []
    for name in try Folder.names(in: path) {
      guard let (step, tokens) = StepName.match(name, pattern: pattern) else { continue }
      let folder = path + "/" + name
      if Folder.kind(of: folder) == .folder {
        found.append(Place(step: step, folder: folder, tokens: tokens))
      }
    }
    entries = Self.entries(found)
  }

  /// Where a step lies.
  struct Place {
    let step: Int
    let folder: String
    let tokens: Double?
  }

  init(path: String, found: [Place]) {
    self.path = path
    entries = Self.entries(found)
  }

  /// By step; two folders of one step are an obstacle, since either could be meant.
  private static func entries(_ found: [Place]) -> [Entry] {
    Dictionary(grouping: found, by: \.step).sorted { $0.key < $1.key }.map { step, folders in
      let names = folders.map(\.folder).sorted()
      let obstacle =
        names.count > 1
        ? "is one of \(names.count) folders of step \(step) (\(names[1])); keep one, or say "
          + "which are meant by step_pattern"
        : Checkpoint.obstacle(in: names[0])
      return Entry(step: step, folder: names[0], obstacle: obstacle, tokens: folders[0].tokens)
    }
  }

  package func entry(step: Int) -> Entry? { entries.first { $0.step == step } }

  /// The steps nearest to `step`, at most one on either side.
  package func nearest(to step: Int) -> [Int] {
    [entries.last { $0.step < step }?.step, entries.first { $0.step > step }?.step]
      .compactMap { $0 }
  }
}
