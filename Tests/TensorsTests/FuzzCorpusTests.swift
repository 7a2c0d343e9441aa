import Foundation
import Testing

@testable import Tensors

/// The seeds of the fuzzers and the inputs that they found: each opens, or ends in an error of the module.
@Suite struct FuzzCorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/fuzz")

  private func files(_ target: String) throws -> [URL] {
    let files = try FileManager.default.contentsOfDirectory(
      at: Self.folder.appending(path: target), includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }
    try #require(!files.isEmpty)
    return files
  }

  /// Runs `body` on each file of a target; the names of those that opened.
  private func opened(
    _ target: String, _ body: (String) throws -> Void
  ) throws -> [String] {
    try files(target).compactMap { file in
      do { try body(file.path) } catch {
        #expect(error is TensorError, "\(file.lastPathComponent): \(error)")
        #expect("\(error)".utf8.count < 4096)
        return nil
      }
      return file.lastPathComponent
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["safetensors", "torch"])
  func filesOfTensors(_ target: String) throws {
    let names = try opened(target) { path in
      let file = try TensorFile(path)
      for tensor in file.tensors where tensor.type != .unknown { _ = try file.doubles(tensor.name) }
    }
    let sound =
      target == "torch" ? ["compressed", "npz", "plain", "views"] : ["empty", "new-dtype", "two"]
    #expect(Set(sound).isSubset(of: names), "\(names)")
    for refused in ["duplicate", "overlap", "huge-shape", "length"] {
      #expect(!names.contains(refused))
    }
  }

  @Test(.timeLimit(.minutes(1))) func pickles() throws {
    let names = try opened("pickle") { _ = try PickledArrays($0) }
    #expect(Set((2...5).map { "protocol-\($0)" }).isSubset(of: names), "\(names)")
    for refused in ["system", "tuples", "memo"] { #expect(!names.contains(refused)) }
  }

  @Test(.timeLimit(.minutes(1))) func arrays() throws {
    let names = try opened("npy") { _ = try NumPyFile($0).doubles() }
    #expect(Set(["float", "fortran", "scalar"]).isSubset(of: names), "\(names)")
    for refused in ["object", "nested"] { #expect(!names.contains(refused)) }
  }

  @Test(.timeLimit(.minutes(1))) func texts() throws {
    for file in try files("json") + files("index") {
      let bytes = Array(try Data(contentsOf: file))
      do throws(JSONSyntaxError) { _ = try JSONReader.read(bytes) } catch {
        #expect((0...bytes.count).contains(error.offset), "\(file.lastPathComponent)")
      }
    }
  }
}
