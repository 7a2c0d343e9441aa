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
    var runs: [(path: String, steps: [Int])] = []
    var probes: [String] = []
    var leftOut: [String] = []
    do {
      for path in [root] + (try Self.folders(in: root)) {
        let steps = try RunFolder(path).entries.map(\.step)
        if !steps.isEmpty {
          runs.append((path, steps))
        }
      }
      for path in [root] + (try Self.folders(in: root)) {
        for name in try Folder.names(in: path) where name.hasSuffix(".npy") {
          let candidate = path + "/" + name
          do throws(TensorError) {
            if try Self.isProbe(candidate) { probes.append(candidate) }
          } catch {
            leftOut.append("# Left out: \(Spelling.inert("\(error)"))")
          }
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
    for (name, run) in zip(Self.names(of: runs.map(\.path)), runs) {
      let steps = run.steps.map(String.init).joined(separator: ", ")
      lines.append("  - name: \(Self.quoted(name))")
      lines.append("    checkpoints: \(Self.quoted(relative(run.path)))   # steps \(steps)")
    }
    if probes.isEmpty {
      lines.append("# No array of token ids was found: only weights are measured.")
    } else {
      lines.append("probes:")
      for (name, probe) in zip(Self.names(of: probes, droppingLast: 4), probes) {
        lines.append("  - name: \(Self.quoted(name))")
        lines.append("    tokens: \(Self.quoted(relative(probe)))")
      }
    }
    lines += leftOut
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func folders(in path: String) throws(FileError) -> [String] {
    try Folder.names(in: path).filter { !$0.hasPrefix(".") }.map { "\(path)/\($0)" }
      .filter { Folder.kind(of: $0) == .folder }
  }

  /// Whether a file is an array [n, L] of integers.
  private static func isProbe(_ path: String) throws(TensorError) -> Bool {
    let file = try NumPyFile(path)
    return file.shape.count == 2 && (file.type.letter == "i" || file.type.letter == "u")
  }

  /// A name for each path: its last part, with that of the folder above where several are called so,
  /// and a number where even that does not tell them apart. What no name may hold is replaced.
  static func names(of paths: [String], droppingLast count: Int = 0) -> [String] {
    func part(_ path: String, _ fromEnd: Int) -> String {
      let parts = path.split(separator: "/")
      guard parts.count > fromEnd else { return "" }
      return String(parts[parts.count - 1 - fromEnd])
    }
    func clean(_ name: String) -> String {
      let scalars = name.unicodeScalars.prefix(100).map { scalar in
        scalar == "\\" || scalar.properties.generalCategory == .control ? "_" : scalar
      }
      return String(String.UnicodeScalarView(scalars))
    }
    let short = paths.map { clean(String(part($0, 0).dropLast(count))) }
    let repeated = Dictionary(grouping: short) { $0 }.filter { $0.value.count > 1 }
    var taken: Set<String> = []
    return zip(paths, short).map { path, short in
      let name = repeated[short] == nil ? short : clean("\(part(path, 1))-\(short)")
      var candidate = name
      var number = 2
      while !taken.insert(candidate).inserted {
        candidate = "\(name)-\(number)"
        number += 1
      }
      return candidate
    }
  }

  /// A YAML scalar: as it is where it is a plain word, else in double quotes.
  private static func quoted(_ text: String) -> String {
    let others = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    let isPlain = text.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "-_./".unicodeScalars.contains($0)
    }
    guard let first = text.unicodeScalars.first, isPlain, !others.contains(text.lowercased()),
      ("a"..."z").contains(first) || ("A"..."Z").contains(first)
    else { return JSONText.quoted(text) }
    return text
  }
}
