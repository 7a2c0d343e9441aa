import Capture
import Files
import Tensors

/// What a file is, by its first and last bytes; names say nothing.
enum ContentKind {
  case array, pickle, artifact, tensors

  static func of(_ path: String) throws -> ContentKind {
    if try Artifact.isOne(path) { return .artifact }
    let reader = try FileReader(path)
    let start = try reader.read(at: 0, count: min(reader.size, ForeignContent.prefixLength))
    if NumPyFile.isOne(start) { return .array }
    // The old form of torch.save is a pickle as well, and is refused under its own name.
    if PickledArrays.isOne(start), !ForeignContent.isLegacyTorch(start) { return .pickle }
    return .tensors
  }
}
