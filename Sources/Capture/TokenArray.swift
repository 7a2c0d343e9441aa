import Files
import LanguageModels
import Tensors

/// Token ids of a .npy array, or of a safetensors file with one tensor of integers.
struct TokenArray {
  let shape: [Int]
  let tokens: [Int]

  /// - dimensions: axes that the array must have; `axes` names them.
  init(path: String, dimensions: Int, axes: String) throws(CaptureError) {
    do throws(TensorError) {
      if path.hasSuffix(".safetensors") {
        (shape, tokens) = try Self.safetensors(path)
      } else {
        let file = try NumPyFile(path)
        (shape, tokens) = (file.shape, try file.integers())
      }
      guard shape.count == dimensions else {
        throw TensorError.malformed(
          file: path, expected: "an array \(axes)", found: "shape \(shape)")
      }
    } catch {
      throw .tensors(error)
    }
    guard shape.dropLast().allSatisfy({ $0 >= 1 }), shape[dimensions - 1] >= 2 else {
      throw .tokens(
        path: path, expected: "at least one sequence of at least 2 tokens", found: "shape \(shape)")
    }
  }

  /// The array's batches [n, L]: one for each index of the axes before.
  var batches: [TokenBatch] {
    let (sequences, length) = (shape[shape.count - 2], shape[shape.count - 1])
    let size = sequences * length
    return (0..<tokens.count / size).map { batch in
      TokenBatch(
        sequences: sequences, length: length,
        tokens: Array(tokens[batch * size..<(batch + 1) * size]))
    }
  }

  private static func safetensors(_ path: String) throws(TensorError) -> ([Int], [Int]) {
    let file = try TensorFile(path)
    guard file.tensors.count == 1, let tensor = file.tensors.first else {
      throw .malformed(
        file: path, expected: "one tensor of token ids", found: "\(file.tensors.count) tensors")
    }
    let isSigned: Bool
    switch tensor.type {
    case .int8, .int16, .int32, .int64: isSigned = true
    case .uint8, .uint16, .uint32, .uint64: isSigned = false
    default:
      throw .unsupportedType(
        file: path, tensor: tensor.name, type: tensor.type.rawValue, supported: "integers")
    }
    let size = tensor.type.bits / 8
    var bytes: [UInt8] = []
    try file.withBytes(of: tensor) { bytes += $0 }
    let shift = UInt64(64 - 8 * size)
    var tokens: [Int] = []
    tokens.reserveCapacity(tensor.count)
    for start in stride(from: 0, to: bytes.count, by: size) {
      let word = bytes[start..<start + size].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      let value = isSigned ? Int(Int64(bitPattern: word << shift) >> shift) : Int(exactly: word)
      guard let value else {
        throw .malformed(file: path, expected: "integers below 2^63", found: "\(word)")
      }
      tokens.append(value)
    }
    return (tensor.shape, tokens)
  }
}
