import LinearAlgebra
import Statistics

/// A matrix, or a product of two, with independent standard Gaussian entries.
package enum GaussianShape: Sendable, Hashable {
  /// [rows, columns].
  case matrix(rows: Int, columns: Int)
  /// [outer, inner] times [inner, outer]: a head's OV product has inner d_h, its gradient 2 d_h, the
  /// full product d.
  case product(outer: Int, inner: Int)

  /// The number of singular values that are not 0.
  package var rank: Int {
    switch self {
    case .matrix(let rows, let columns): min(rows, columns)
    case .product(let outer, let inner): min(outer, inner)
    }
  }

  /// A shape of the same proportions whose rank is at most `limit`.
  func reduced(toRank limit: Int) -> GaussianShape {
    guard rank > limit else { return self }
    func scaled(_ side: Int) -> Int {
      max(1, Int((Double(side) * Double(limit) / Double(rank)).rounded()))
    }
    return switch self {
    case .matrix(let rows, let columns): .matrix(rows: scaled(rows), columns: scaled(columns))
    case .product(let outer, let inner): .product(outer: scaled(outer), inner: scaled(inner))
    }
  }

  func spectrum(using generator: inout SeededGenerator) throws(Gap) -> Spectrum {
    switch self {
    case .matrix(let rows, let columns):
      return try Spectrum(of: Self.gaussian(rows, columns, &generator))
    case .product(let outer, let inner):
      let left = Self.gaussian(inner, outer, &generator)
      return try Spectrum(
        ofProductWithTranspose: left, Self.gaussian(inner, outer, &generator))
    }
  }

  private static func gaussian(
    _ rows: Int, _ columns: Int, _ generator: inout SeededGenerator
  ) -> Matrix<Double> {
    Matrix(rows: rows, columns: columns, elements: generator.gaussians(rows * columns))
  }
}

/// The PER that a matrix of a given shape has by chance: what `per` of trained weights stands
/// against when sizes are compared. METHODS section 7, C5.
package struct ExpectedPER: Sendable {
  private var known: [GaussianShape: Double] = [:]
  private let draws: Int
  private let seed: UInt64
  private let largestRank: Int

  /// The mean of `draws` Monte Carlo draws for each shape, remembered by the shape that is drawn.
  ///
  /// PER of a Gaussian matrix depends on its proportions and hardly on its size, so shapes of a rank
  /// above `largestRank` are drawn at that rank: within .002 at 256, against hours at 5,120.
  package init(draws: Int = 20, seed: UInt64, largestRank: Int = 256) {
    precondition(draws >= 1 && largestRank >= 1, "\(draws) draws up to rank \(largestRank)")
    (self.draws, self.seed, self.largestRank) = (draws, seed, largestRank)
  }

  /// The mean of effective rank / rank for `shape`, in (0, 1].
  package mutating func value(for shape: GaussianShape) throws(Gap) -> Double {
    let drawn = shape.reduced(toRank: largestRank)
    if let value = known[drawn] { return value }
    // The seed does not depend on what was asked before.
    var generator = SeededGenerator(seed: seed)
    var sum = 0.0
    for _ in 0..<draws {
      sum += try drawn.spectrum(using: &generator).per(k: drawn.rank)
    }
    let value = sum / Double(draws)
    known[drawn] = value
    return value
  }
}
