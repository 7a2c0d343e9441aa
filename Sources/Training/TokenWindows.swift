import LanguageModels
import Statistics

/// The sequences that a run reads, cut from its tokens without overlap, and their order.
struct TokenWindows: Sendable {
  let length: Int
  /// Sequence after sequence.
  let tokens: [Int32]
  let order: TrainingRecipe.Data.Order
  let seed: UInt64

  var count: Int { tokens.count / length }

  /// The sequences `first ..< first + sequences` of an endless stream: epoch after epoch, each in its
  /// order.
  func batch(from first: Int, sequences: Int) -> TokenBatch {
    var batch: [Int] = []
    batch.reserveCapacity(sequences * length)
    var epoch = -1
    var places: [Int] = []
    for index in first..<first + sequences {
      if index / count != epoch {
        epoch = index / count
        places = self.places(epoch: epoch)
      }
      let start = places[index % count] * length
      for token in tokens[start..<start + length] { batch.append(Int(token)) }
    }
    return TokenBatch(sequences: sequences, length: length, tokens: batch)
  }

  /// All sequences, in at most so many at a time.
  func batches(of sequences: Int) -> [TokenBatch] {
    stride(from: 0, to: count, by: sequences).map { first in
      let last = min(first + sequences, count)
      return TokenBatch(
        sequences: last - first, length: length,
        tokens: tokens[first * length..<last * length].map(Int.init))
    }
  }

  private func places(epoch: Int) -> [Int] {
    guard order == .shuffled else { return Array(0..<count) }
    var generator = SeededGenerator(seed: Initialization.seed("order of epoch \(epoch)", seed))
    return generator.permutation(of: count)
  }
}
