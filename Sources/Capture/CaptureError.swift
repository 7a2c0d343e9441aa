package import Files
package import Tensors
package import Tokenization

/// What can go wrong between a checkpoint and its artifacts.
package enum CaptureError: Error, Equatable {
  /// An artifact that is not what was written: cut, changed, or something else.
  case damagedArtifact(path: String, expected: String)
  /// The store cannot be written; nothing that follows could be either.
  case store(FileError)
  /// A section that an intact artifact does not have.
  case missingSection(path: String, section: String)
  /// Tokens that cannot be a probe.
  case tokens(path: String, expected: String, found: String)
  case tensors(TensorError)
  case tokenizer(TokenizerError)
  /// What a model says about the checkpoint in this folder.
  case model(folder: String, String)
}

extension CaptureError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .damagedArtifact(let path, let expected): "\(path) is damaged: expected \(expected)"
    case .store(let error): "\(error)"
    case .missingSection(let path, let section): "\(path) has no section \(section)"
    case .tokens(let path, let expected, let found): "\(path): expected \(expected), found \(found)"
    case .tensors(let error): "\(error)"
    case .tokenizer(let error): "\(error)"
    case .model(let folder, let message): "\(folder): \(message)"
    }
  }

  /// `body`, its file errors told as errors of the store.
  package static func storing<Result>(_ body: () throws(FileError) -> Result) throws(CaptureError)
    -> Result
  {
    do { return try body() } catch { throw .store(error) }
  }
}
