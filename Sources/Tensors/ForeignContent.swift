/// Files that are something else than they are named: recognised by how they begin.
package enum ForeignContent {
  /// Bytes that recognition looks at.
  package static let prefixLength = 512

  /// What a file with this start is, with the way out; `nil` if it is nothing known.
  package static func recognise(_ start: [UInt8]) -> String? {
    if start.isEmpty { return "an empty file; download or save it again" }
    return text(start) ?? archive(start) ?? model(start)
  }

  private static func text(_ start: [UInt8]) -> String? {
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
    if text.hasPrefix("/annex/objects/") || text.contains("/.git/annex/objects/") {
      return "a git-annex pointer, not the file itself; run `git annex get`"
    }
    if trimmed.hasPrefix("{\"") || trimmed.hasPrefix("{ \"") || trimmed.hasPrefix("{\n") {
      return "a JSON text; if it is the error of a failed download, download the file again"
    }
    return nil
  }

  /// The number that begins a file of torch.save before version 1.6, as any pickle protocol writes it.
  private static let legacyMagic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  /// Whether this is a file of torch.save before version 1.6, which is no zip archive.
  package static func isLegacyTorch(_ start: [UInt8]) -> Bool {
    start.starts(with: [0x80]) && contains(start.prefix(32), legacyMagic)
  }

  private static func model(_ start: [UInt8]) -> String? {
    if isLegacyTorch(start) {
      return
        "a PyTorch file of the legacy form, of before version 1.6; load it once in torch and save it "
        + "again: torch.save(torch.load(FILE, weights_only=True), FILE)"
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
    return nil
  }

  private static func archive(_ start: [UInt8]) -> String? {
    let kinds: [(mark: [UInt8], name: String)] = [
      ([0x1F, 0x8B], "a gzip"), ([0x42, 0x5A, 0x68], "a bzip2"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "an xz"), ([0x28, 0xB5, 0x2F, 0xFD], "a zstd"),
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z"), (Array("Rar!".utf8), "a rar"),
    ]
    if let kind = kinds.first(where: { start.starts(with: $0.mark) }) {
      return "\(kind.name) archive; unpack it first"
    }
    if start.count > 262, Array(start[257..<262]) == Array("ustar".utf8) {
      return
        "a tar archive; unpack it first (torch.save wrote tar files before version 0.1.10: load "
        + "such a file in torch and save it again)"
    }
    return nil
  }

  private static func contains(_ bytes: ArraySlice<UInt8>, _ mark: [UInt8]) -> Bool {
    bytes.indices.contains { bytes[$0...].starts(with: mark) }
  }
}
