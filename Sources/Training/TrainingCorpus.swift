import Files
import Tensors
import Tokenization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The tokens that a run learns from and those that are held out.
struct TrainingCorpus: Sendable {
  let training: [Int32]
  let validation: [Int32]
  /// Largest token + 1, or the tokenizer's entries.
  let vocabulary: Int
  /// The file of the tokenizer, where there is one.
  let tokenizer: [UInt8]?
  /// What a tokenizer's file asks for that is not done, in words.
  let notes: [String]

  /// Largest text that is read into memory.
  private static let largestText = 1 << 30

  /// Reads `data` and cuts it into windows of `length` tokens; what is left at the end is not used.
  init(_ data: TrainingRecipe.Data, length: Int) throws(TrainingError) {
    let read = try Self.read(data.source)
    tokenizer = read.tokenizer?.bytes
    notes = read.tokenizer?.tokenizer.notes ?? []
    let windows = read.tokens.count / length
    switch data.validation {
    case .file(let path):
      training = Array(read.tokens[..<(windows * length)])
      let held: [Int32]
      if path.hasSuffix(".npy") || path.hasSuffix(".safetensors") {
        held = try Self.tokens(path)
      } else if let tokenizer = read.tokenizer?.tokenizer {
        held = try Self.encode(try Self.bytes(path), path, tokenizer)
      } else {
        throw .data(file: path, "expected token ids (.npy), as the training data are")
      }
      validation = Array(held[..<(held.count / length * length)])
    case .share(let share):
      // Evenly spaced, so that all parts of the text are in both.
      let held = share > 0 ? max(1, Int((share * Double(windows)).rounded())) : 0
      var (training, validation): ([Int32], [Int32]) = ([], [])
      for window in 0..<windows {
        let isHeld = (window + 1) * held / windows > window * held / windows
        let tokens = read.tokens[window * length..<(window + 1) * length]
        if isHeld { validation += tokens } else { training += tokens }
      }
      (self.training, self.validation) = (training, validation)
    }
    guard training.count >= length else {
      throw .data(
        file: Self.path(data.source),
        "\(read.tokens.count) tokens are too few for a sequence of \(length) beside what is held out"
      )
    }
    let largest = Int((training + validation).max() ?? 0) + 1
    vocabulary = max(read.tokenizer?.tokenizer.vocabularySize ?? 0, largest)
  }

  /// The entropy of the training tokens' frequencies in nats: what a model without context can reach.
  var unigramEntropy: Double {
    var counts: [Int32: Int] = [:]
    for token in training { counts[token, default: 0] += 1 }
    let total = Double(training.count)
    return counts.sorted { $0.key < $1.key }.reduce(0) { sum, entry in
      let share = Double(entry.value) / total
      return sum - share * log(share)
    }
  }

  /// Everything that the tokens are made from: the files' digests, and the settings.
  static func words(_ data: TrainingRecipe.Data, length: Int) throws(TrainingError) -> String {
    func digest(_ path: String) throws(TrainingError) -> String {
      SHA256Digest(of: try bytes(path)).hex
    }
    var words: [String]
    switch data.source {
    case .tokens(let path): words = ["tokens \(try digest(path))"]
    case .text(let path, .tokenizer(let tokenizer)):
      words = ["text \(try digest(path))", "tokenizer \(try digest(tokenizer))"]
    case .text(let path, .trained(let vocabulary)):
      words = ["text \(try digest(path))", "vocabulary \(vocabulary)"]
    }
    switch data.validation {
    case .share(let share): words.append("held out \(share)")
    case .file(let path): words.append("held out \(try digest(path))")
    }
    return (words + ["length \(length)"]).joined(separator: ", ")
  }

  private static func path(_ source: TrainingRecipe.Data.Source) -> String {
    switch source {
    case .text(let path, _), .tokens(let path): path
    }
  }

  private static func read(
    _ source: TrainingRecipe.Data.Source
  ) throws(TrainingError) -> (
    tokens: [Int32], tokenizer: (bytes: [UInt8], tokenizer: Tokenizer)?
  ) {
    switch source {
    case .tokens(let path): return (try tokens(path), nil)
    case .text(let path, let tokens):
      let text = try bytes(path)
      let file: [UInt8]
      let tokenizerPath: String
      switch tokens {
      case .tokenizer(let path): (file, tokenizerPath) = (try bytes(path), path)
      case .trained(let vocabulary):
        do throws(TokenizerError) {
          file = try BytePairTrainer(vocabulary: vocabulary).tokenizer(of: text, named: path)
        } catch {
          throw .data(file: path, "\(error)")
        }
        tokenizerPath = "the trained tokenizer.json"
      }
      let tokenizer: Tokenizer
      do { tokenizer = try Tokenizer(file, path: tokenizerPath) } catch {
        throw .data(file: tokenizerPath, "\(error)")
      }
      return (try encode(text, path, tokenizer), (file, tokenizer))
    }
  }

  private static func encode(
    _ text: [UInt8], _ path: String, _ tokenizer: Tokenizer
  ) throws(TrainingError) -> [Int32] {
    var encoder = TokenEncoder(tokenizer)
    do {
      return try encoder.encode(text, of: path, usesTemplate: false).map(Int32.init)
    } catch {
      throw .data(file: path, "\(error)")
    }
  }

  private static func bytes(_ path: String) throws(TrainingError) -> [UInt8] {
    do throws(FileError) {
      let reader = try FileReader(path)
      guard reader.size <= largestText else {
        throw FileError.notRegular(
          path: path,
          kind: "\(reader.size) bytes; more than \(largestText) come as tokens: FILE.npy")
      }
      return try reader.readAll()
    } catch {
      throw .file(error)
    }
  }

  private static func tokens(_ path: String) throws(TrainingError) -> [Int32] {
    do throws(TensorError) {
      let values: [Int]
      if path.hasSuffix(".safetensors") {
        let file = try TensorFile(path)
        guard file.tensors.count == 1 else {
          throw TensorError.malformed(
            file: path, expected: "one tensor of token ids", found: "\(file.tensors.count)")
        }
        values = try file.integers(file.tensors[0].name)
      } else {
        values = try NumPyFile(path).integers()
      }
      if let wrong = values.first(where: { $0 < 0 || $0 > 1 << 24 }) {
        throw TensorError.malformed(
          file: path, expected: "token ids from 0 to \(1 << 24)", found: "\(wrong)")
      }
      return values.map(Int32.init)
    } catch {
      throw .data(file: path, "\(error)")
    }
  }
}
