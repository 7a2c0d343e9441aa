import Foundation
import Testing

/// Values of scipy and numpy, made by scripts/reference/statistics.py.
struct ReferenceValues: Decodable {
  struct Correlations: Decodable {
    let x: [Double]
    let y: [Double]
    let z: [Double]
    let ranks: [Double]
    let pearson: Double
    let spearman: Double
    let kendall: Double
    let partialPearson: Double?
    let partialSpearman: Double?
    let partialKendall: Double?
    let quadraticPearson: Double?
    let quadraticSpearman: Double?
    let quantiles: [Double]
    let adjusted: [Double]
  }
  struct Line: Decodable {
    let x: [Double]
    let y: [Double]
    let slope: Double
    let intercept: Double
    let standardError: Double
    let lower: Double
    let upper: Double
    let meanInterval: [Double]
  }
  struct Combination: Decodable {
    let z: [Double]
    let v: [Double]
    let tau2: Double
    let mean: Double
    let lower: Double?
    let upper: Double?
    let p: Double?
  }
  struct TValue: Decodable {
    let df: Double
    let t: Double
    let cdf: Double
    let sf2: Double
  }
  struct TQuantile: Decodable {
    let df: Double
    let p: Double
    let t: Double
  }
  struct NormalQuantile: Decodable {
    let p: Double
    let z: Double
  }
  struct Beta: Decodable {
    let x: Double
    let a: Double
    let b: Double
    let value: Double
  }
  let correlations: [Correlations]
  let lines: [Line]
  let combinations: [Combination]
  let t: [TValue]
  let tQuantile: [TQuantile]
  let normal: [NormalQuantile]
  let beta: [Beta]

  static func load() throws -> ReferenceValues {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/reference/statistics.json")
    return try JSONDecoder().decode(ReferenceValues.self, from: Data(contentsOf: file))
  }
}

/// Whether two numbers agree to 1e-10, absolutely below 1 and relatively above.
func agrees(_ value: Double?, _ expected: Double) -> Bool {
  guard let value else { return false }
  return abs(value - expected) <= 1e-10 * max(1, abs(expected))
}
