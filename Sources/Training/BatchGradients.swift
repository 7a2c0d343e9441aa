import LanguageModels
import LinearAlgebra

/// Loss and gradients of one batch, its sequences shared out over the threads.
///
/// The cut depends on the batch's shape alone and the parts are added in their order, so that every number
/// of threads gives the same bits. Small models gain most: a block's products are too small to be cut.
struct BatchGradients: Sendable {
  /// Mean next-token cross-entropy in nats.
  let loss: Double
  /// By parameter.
  let gradients: [String: [Float]]

  /// Tokens of a part, at least: the products of a pass stay long enough.
  private static let fewestTokens = 512
  private static let mostParts = 16
  /// Floats of all parts' gradients together, at most.
  private static let mostFloats = 1 << 26

  static func parts(sequences: Int, length: Int, parameters: Int) -> [Range<Int>] {
    let count = max(
      1,
      min(
        sequences, sequences * length / fewestTokens, mostParts, mostFloats / max(1, parameters)))
    return (0..<count).map { sequences * $0 / count..<sequences * ($0 + 1) / count }
  }

  init(_ batch: TokenBatch, of model: LanguageModel, lanes: Lanes) throws {
    let parts = Self.parts(
      sequences: batch.sequences, length: batch.length, parameters: model.parameterCount)
    let inner = Lanes(width: max(1, lanes.width / parts.count))
    let results = try lanes.map(parts.count) {
      index -> (loss: Double, gradients: [String: [Float]]) in
      var gradients: [String: [Float]] = [:]
      let result = try model.gradients(batch.selecting(parts[index]), lanes: inner) { found in
        gradients.merge(found.gradients) { first, _ in first }
      }
      return (result.loss, gradients)
    }
    // Every sequence has as many targets as the others.
    let shares = parts.map { Double($0.count) / Double(batch.sequences) }
    loss = zip(results, shares).reduce(0) { $0 + $1.0.loss * $1.1 }
    guard results.count > 1 else {
      gradients = results[0].gradients
      return
    }
    let names = results[0].gradients.keys.sorted()
    let sums = try lanes.map(names.count) { index -> [Float] in
      var sum = results[0].gradients[names[index]] ?? []
      Elementwise.scale(&sum, by: Float(shares[0]))
      for (result, share) in zip(results, shares).dropFirst() {
        Elementwise.combine(Float(share), result.gradients[names[index]] ?? [], 1, into: &sum)
      }
      return sum
    }
    gradients = Dictionary(uniqueKeysWithValues: zip(names, sums))
  }

  /// The mean of several batches' losses and gradients (gradient accumulation).
  init(
    _ batches: [TokenBatch], of model: LanguageModel, lanes: Lanes
  ) throws {
    let first = try BatchGradients(batches[0], of: model, lanes: lanes)
    guard batches.count > 1 else {
      self = first
      return
    }
    let share = 1 / Double(batches.count)
    var loss = first.loss * share
    var sums = first.gradients
    for name in sums.keys { Elementwise.scale(&sums[name, default: []], by: Float(share)) }
    for batch in batches.dropFirst() {
      let next = try BatchGradients(batch, of: model, lanes: lanes)
      loss += next.loss * share
      for (name, gradient) in next.gradients {
        Elementwise.combine(Float(share), gradient, 1, into: &sums[name, default: []])
      }
    }
    self.init(loss: loss, gradients: sums)
  }

  private init(loss: Double, gradients: [String: [Float]]) {
    self.loss = loss
    self.gradients = gradients
  }
}
