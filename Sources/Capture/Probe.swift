import Files
package import LanguageModels
import Tensors

/// A fixed batch of token sequences, the same for every checkpoint and every run.
package struct Probe: Sendable, Equatable {
  package let name: String
  package let path: String
  package let batch: TokenBatch
  /// The SHA-256 of shape and tokens, whatever integer type the file has.
  package let digest: String

  /// Reads the .npy array [n, L] of token ids in `path`; n ≥ 1, L ≥ 2.
  package init(name: String, path: String) throws(CaptureError) {
    let array = try TokenArray(path: path, dimensions: 2, axes: "[sequences, tokens]")
    self.name = name
    self.path = path
    batch = array.batches[0]
    digest = array.digest
  }
}

/// The batches that gradients are taken of.
package struct GradientBatches: Sendable, Equatable {
  /// A probe's name, or `batches`.
  package let name: String
  package let batches: [TokenBatch]
  package let digest: String

  /// A probe as the only batch.
  package init(_ probe: Probe) {
    name = probe.name
    batches = [probe.batch]
    digest = probe.digest
  }

  /// Reads the .npy array [b, n, L] of token ids in `path`.
  package init(path: String) throws(CaptureError) {
    let array = try TokenArray(path: path, dimensions: 3, axes: "[batches, sequences, tokens]")
    name = "batches"
    batches = array.batches
    digest = array.digest
  }

  /// Throws the first token outside `0..<vocabulary`, or a length beyond `context`.
  package func validate(vocabulary: Int, context: Int) throws {
    for batch in batches { try batch.validate(vocabulary: vocabulary, context: context) }
  }
}

/// Token ids of an .npy file with two or three axes.
private struct TokenArray {
  let batches: [TokenBatch]
  let digest: String

  init(path: String, dimensions: Int, axes: String) throws(CaptureError) {
    let tokens: [Int]
    let shape: [Int]
    do throws(TensorError) {
      let file = try NumPyFile(path)
      shape = file.shape
      guard shape.count == dimensions else {
        throw TensorError.malformed(
          file: path, expected: "an array \(axes)", found: "shape \(shape)")
      }
      tokens = try file.integers()
    } catch {
      throw .tensors(error)
    }
    let (sequences, length) = (shape[dimensions - 2], shape[dimensions - 1])
    guard shape.dropLast().allSatisfy({ $0 >= 1 }), length >= 2 else {
      throw .tokens(
        path: path, expected: "at least one sequence of at least 2 tokens", found: "shape \(shape)")
    }
    let size = sequences * length
    batches = (0..<tokens.count / size).map { batch in
      TokenBatch(
        sequences: sequences, length: length,
        tokens: Array(tokens[batch * size..<(batch + 1) * size]))
    }
    var hasher = SHA256Hasher()
    hasher.update("tokens \(shape)\n")
    hasher.update(
      tokens.flatMap { token in withUnsafeBytes(of: Int64(token).littleEndian, Array.init) })
    digest = hasher.finalize().hex
  }
}
