import Foundation
import Testing

/// Several processes on one study at once.
@Suite(.serialized) struct ConcurrentRunTests {
  private static let study = """
    name: s
    runs: [{name: nano, checkpoints: ., steps: [0, 512, 3000]}]
    probes: [{name: a, tokens: tokens.npy}]
    measure: {objects: [activations, weights], components: [mlp, ov], heads: false, variants: []}
    """

  private static let tend = Places.root.appending(path: ".build/release/tend")

  private func start(_ folder: URL) throws -> Process {
    let process = Process()
    process.executableURL = Self.tend
    process.arguments = [
      "run", folder.appending(path: "study.yaml").path, "--quiet", "--threads", "1",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Every file but provenance, which holds times, and its line in the list of what was written.
  private func outputs(_ folder: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for output in ["results", "figures", "site"] {
      let root = folder.appending(path: output)
      for name in try FileManager.default.subpathsOfDirectory(atPath: root.path)
      where !name.contains("provenance") {
        let path = root.appending(path: name)
        let values = try path.resourceValues(forKeys: [.isRegularFileKey])
        guard values.isRegularFile == true else { continue }
        let content = try Data(contentsOf: path)
        let isList = path.lastPathComponent == ".tend-files"
        files["\(output)/\(name)"] =
          isList
          ? Data(
            String(decoding: content, as: UTF8.self).split(separator: "\n")
              .filter { !$0.contains("provenance/") }.joined(separator: "\n").utf8) : content
      }
    }
    return files
  }

  @Test(.enabled(if: Places.isThere(tend), "the command was not built"))
  func bothEndWithTheSameBytes() throws {
    try Places.withFixture { folder in
      try Self.study.write(
        to: folder.appending(path: "study.yaml"), atomically: true, encoding: .utf8)
      let alone = folder.deletingLastPathComponent().appending(path: "alone")
      try FileManager.default.copyItem(at: folder, to: alone)
      let reference = try start(alone)
      reference.waitUntilExit()
      let processes = try [start(folder), start(folder)]
      for process in processes {
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
      }
      let found = try outputs(folder)
      #expect(found == (try outputs(alone)) && found.count > 20)
    }
  }
}
