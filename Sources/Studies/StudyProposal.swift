import Checkpoints
import Files
import Foundation
import Tensors

/// A study of what lies in a folder: `tend init --from FOLDER`.
package struct StudyProposal: Sendable {
  package let text: String

  /// Looks for runs (folders of steps) and probes (arrays of token ids) in `folder` and one level
  /// below; paths are written relative to the folder of `file`.
  package init(from folder: String, for file: String) throws {
    let base = URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent().path
    let root = URL(fileURLWithPath: folder).standardizedFileURL.path
    var runs: [(name: String, path: String, steps: [Int])] = []
    var probes: [(name: String, path: String)] = []
    do {
      for path in [root] + (try Self.folders(in: root)) {
        let steps = try RunFolder(path).entries.map(\.step)
        if !steps.isEmpty {
          runs.append((URL(fileURLWithPath: path).lastPathComponent, path, steps))
        }
      }
      for path in [root] + (try Self.folders(in: root)) {
        for name in try Folder.names(in: path) where name.hasSuffix(".npy") {
          let candidate = path + "/" + name
          if Self.isProbe(candidate) { probes.append((String(name.dropLast(4)), candidate)) }
        }
      }
    } catch {
      throw StudyError.invalid(file: folder, [StudyFinding("\(error)")])
    }
    guard !runs.isEmpty else {
      throw StudyError.invalid(
        file: folder,
        [StudyFinding("holds no run: a folder of step0, step1000, … with checkpoints")])
    }
    func relative(_ path: String) -> String {
      if path == base { return "." }
      return path.hasPrefix(base + "/") ? String(path.dropFirst(base.count + 1)) : path
    }
    var lines = [
      "# Written from what lies in \(Spelling.inert(folder)). `tend check` says what a run would do.",
      "name: \(Self.quoted(URL(fileURLWithPath: root).lastPathComponent))", "runs:",
    ]
    for run in runs {
      let steps = run.steps.map(String.init).joined(separator: ", ")
      lines.append("  - name: \(Self.quoted(run.name))")
      lines.append("    checkpoints: \(Self.quoted(relative(run.path)))   # steps \(steps)")
    }
    if probes.isEmpty {
      lines.append("# No array of token ids was found: only weights are measured.")
    } else {
      lines.append("probes:")
      for probe in probes {
        lines.append("  - name: \(Self.quoted(probe.name))")
        lines.append("    tokens: \(Self.quoted(relative(probe.path)))")
      }
    }
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func folders(in path: String) throws(FileError) -> [String] {
    try Folder.names(in: path).filter { !$0.hasPrefix(".") }.map { "\(path)/\($0)" }
      .filter { Folder.kind(of: $0) == .folder }
  }

  /// Whether a file is an array [n, L] of integers.
  private static func isProbe(_ path: String) -> Bool {
    guard let file = try? NumPyFile(path) else { return false }
    return file.shape.count == 2 && (file.type.letter == "i" || file.type.letter == "u")
  }

  /// A YAML scalar: as it is where it is plain, else in double quotes.
  private static func quoted(_ text: String) -> String {
    let plain = text.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "-_./".unicodeScalars.contains($0))
    }
    guard !plain || text.isEmpty || Double(text) != nil || text.hasPrefix("-") else { return text }
    return JSONText.quoted(text)
  }
}
