/// Why a model cannot be built or run.
package enum LanguageModelError: Error, Equatable {
  /// `config.json` lacks a field, or holds something else there.
  case invalidField(String, expected: String, found: String)
  /// `config.json` asks for something that is not supported.
  case unsupported(field: String, value: String, supported: String)
  case missingTensor(String)
  case shape(tensor: String, expected: [Int], found: [Int])
  /// NaN or infinity among a tensor's elements.
  case nonFinite(tensor: String, count: Int)
  /// NaN or infinity in an activation, from finite weights.
  case overflow(layer: Int, hook: HookPoint)
  /// A loss that is NaN or infinite, from finite weights.
  case lossNotFinite
  /// NaN or infinity in a gradient, from finite weights and a finite loss.
  case gradientNotFinite(tensor: String)
  case tokenOutOfRange(token: Int, sequence: Int, position: Int, vocabulary: Int)
  case sequenceTooLong(length: Int, context: Int)
  /// No token is predicted: no sequence, or sequences of one token.
  case noTargets(sequences: Int, length: Int)
}

extension LanguageModelError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .invalidField(let field, let expected, let found):
      "config.json: \(field): expected \(expected), found \(found)"
    case .unsupported(let field, let value, let supported):
      "config.json: \(field): \(value) is not supported; supported: \(supported)"
    case .missingTensor(let name):
      "tensor \(name) is missing"
    case .shape(let tensor, let expected, let found):
      "tensor \(tensor): expected shape \(expected), found \(found)"
    case .nonFinite(let tensor, let count):
      "tensor \(tensor): \(count) of its elements are NaN or infinite"
    case .overflow(let layer, let hook):
      "layer \(layer): the \(hook.rawValue) activation is not finite although the weights are; "
        + "the checkpoint diverged or its weights are damaged"
    case .lossNotFinite:
      "the loss is not finite although the weights are; the checkpoint diverged"
    case .gradientNotFinite(let tensor):
      "the gradient of \(tensor) is not finite although weights and loss are; the checkpoint diverged"
    case .tokenOutOfRange(let token, let sequence, let position, let vocabulary):
      "sequence \(sequence), position \(position): token \(token) is outside the vocabulary "
        + "0..<\(vocabulary); the probe was made with another tokenizer"
    case .sequenceTooLong(let length, let context):
      "the probe's sequences have \(length) tokens, the model's context has \(context)"
    case .noTargets(let sequences, let length):
      "\(sequences) sequences of \(length) tokens predict no token; expected at least 1 of 2"
    }
  }
}
