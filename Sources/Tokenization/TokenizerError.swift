package import Files

/// Why a tokenizer cannot be used, or a text not be tokenised.
package enum TokenizerError: Error, Equatable {
  /// The file breaks the rules of its format at `place`, such as `model.merges[3]`.
  case malformed(file: String, place: String, expected: String, found: String)
  /// The file asks for something that is not built.
  case unsupported(file: String, place: String, found: String, supported: String)
  /// A byte of the text that no token of the vocabulary stands for.
  case byteWithoutToken(file: String, byte: UInt8)
  /// Text that is not UTF-8 from byte `offset` on.
  case notUTF8(file: String, offset: Int)
  case file(FileError)
}

extension TokenizerError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed(let file, let place, let expected, let found):
      "\(file): \(place): expected \(expected), found \(found)"
    case .unsupported(let file, let place, let found, let supported):
      "\(file): \(place): \(found) is not supported; supported: \(supported)"
    case .byteWithoutToken(let file, let byte):
      "\(file): byte 0x\(String(byte, radix: 16)) of the text has no token; expected one in "
        + "model.vocab for each of the 256 bytes, in the alphabet of byte-level BPE"
    case .notUTF8(let file, let offset):
      "\(file): expected text in UTF-8, found other bytes at offset \(offset); convert it first "
        + "(iconv -f latin1 -t utf-8)"
    case .file(let error): "\(error)"
    }
  }
}
