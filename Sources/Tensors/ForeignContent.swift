/// Files that are something else than they are named: recognised by how they begin.
package enum ForeignContent {
  /// Bytes that recognition looks at.
  static let prefixLength = 512

  /// What a file with this start is, with the way out; `nil` if it is nothing known.
  static func recognise(_ start: [UInt8]) -> String? {
    let text = String(decoding: start, as: UTF8.self)
    let trimmed = text.drop { $0.isWhitespace }.lowercased()
    if text.hasPrefix("version https://git-lfs.github.com/spec/") {
      return "a git-LFS pointer, not the file itself; run `git lfs pull`, or download the file"
    }
    if trimmed.hasPrefix("<!doctype html") || trimmed.hasPrefix("<html") {
      return "an HTML page, most likely of a failed download; download the file again"
    }
    if trimmed.hasPrefix("<?xml") {
      return "an XML document, most likely the error of a failed download; download the file again"
    }
    if start.starts(with: [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8])
    {
      return "a PyTorch file of before version 1.6; load it once in torch and save it again"
    }
    if PickledArrays.isOne(start) {
      return "a plain pickle; save the model's weights with torch.save or as safetensors"
    }
    if start.starts(with: [0x93] + Array("NUMPY".utf8)) { return "an .npy array" }
    if start.starts(with: Array("GGUF".utf8)) {
      return "a GGUF file, whose weights are quantised; use the original checkpoint"
    }
    if start.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      return "an HDF5 file; save its arrays as safetensors"
    }
    if start.starts(with: [0x1F, 0x8B]) { return "a gzip archive; unpack it first" }
    return nil
  }
}
