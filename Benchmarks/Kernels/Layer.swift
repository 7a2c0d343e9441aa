import Foundation
import LinearAlgebra
import Metrics

/// One layer's matrices: activations `x.NAME` of a checkpoint and `y.NAME` of the final one, weights
/// and gradients `w.mlp`, `w.output`, `w.fused`, `g.mlp`, `g.output`, `g.fused`.
struct Layer {
  let lanes: Lanes
  var heads = 1
  private var matrices: [String: Matrix<Float>] = [:]
  private var references: [String: SimilarityReference] = [:]
  private var resampling: Resampling?

  init(lanes: Lanes) { self.lanes = lanes }

  var referenceCount: Int { references.count }

  mutating func load(_ name: String, rows: Int, columns: Int, path: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    guard data.count == 4 * rows * columns else { throw CocoaError(.fileReadCorruptFile) }
    let elements = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    matrices[name] = Matrix(rows: rows, columns: columns, elements: elements)
  }

  /// The final checkpoint's side, once for all checkpoints.
  mutating func prepareReferences() {
    let names = matrices.keys.filter { $0.hasPrefix("y.") }.sorted()
    guard let first = names.first, let rows = matrices[first]?.rows else { return }
    let resampling =
      resampling?.groups.rows == rows
      ? resampling : Resampling(groups: RowGroups(sequences: rows), seed: 1)
    self.resampling = resampling
    references = [:]
    for name in names {
      guard let matrix = matrices[name], let resampling else { continue }
      references[String(name.dropFirst(2))] = SimilarityReference(matrix, resampling: resampling)
    }
  }

  /// Runs one operation; its values, for comparison with the other side.
  func run(_ operation: String) -> [Double] {
    switch operation {
    case "cka": similarities([])
    case "cka-with-intervals": similarities(.intervals)
    case "cka-with-everything": similarities(.all)
    case "references": prepared()
    case "mlp": ranksOfMLP()
    case "heads": ranksOfHeads()
    case "full": ranksOfFullProducts()
    case "dgemm": product()
    default: []
    }
  }

  private func similarities(_ parts: CKAParts) -> [Double] {
    let names = references.keys.sorted()
    return gathered(names.count) { index in
      guard let x = matrices["x." + names[index]], let reference = references[names[index]] else {
        return []
      }
      let result = reference.compare(x, parts: parts)
      return [value(result.biased.value), value(result.debiased.value)]
    }
  }

  private func prepared() -> [Double] {
    var copy = self
    copy.prepareReferences()
    return [Double(copy.referenceCount)]
  }

  private func ranksOfMLP() -> [Double] {
    let names = ["w.mlp", "g.mlp"]
    return gathered(2) { index in
      guard let matrix = matrices[names[index]] else { return [] }
      let k = min(matrix.rows, matrix.columns)
      return [value(Result { () throws(Gap) in try Spectrum(of: matrix).per(k: k) })]
    }
  }

  private func attention(_ object: String) -> AttentionWeights? {
    guard let output = matrices[object + ".output"], let fused = matrices[object + ".fused"] else {
      return nil
    }
    return AttentionWeights(output: output, fused: fused, heads: heads)
  }

  private func ranksOfHeads() -> [Double] {
    guard let weights = attention("w"), let gradient = attention("g") else { return [] }
    let size = weights.headSize
    let spectra = weights.ovSpectra(.heads, lanes: lanes).heads
    let changes = weights.ovGradientSpectra(gradient, .heads, lanes: lanes).heads
    return spectra.map { value($0, k: size) }
      + changes.map { value($0, k: min(2 * size, weights.output.rows)) }
  }

  private func ranksOfFullProducts() -> [Double] {
    guard let weights = attention("w"), let gradient = attention("g") else { return [] }
    return gathered(2) { index in
      let spectra =
        index == 0
        ? weights.ovSpectra(.full) : weights.ovGradientSpectra(gradient, .full)
      return [spectra.full.map { value($0, k: weights.output.rows) } ?? .nan]
    }
  }

  /// A product of Doubles in one thread, for the share of the peak.
  private func product() -> [Double] {
    let n = 1024
    let a = Matrix<Double>(rows: n, columns: n, elements: .init(repeating: 0.5, count: n * n))
    return [a.multiplied(by: a)[0, 0]]
  }

  private func gathered(_ count: Int, _ body: @Sendable (Int) -> [Double]) -> [Double] {
    do {
      return try lanes.map(count, body).flatMap(\.self)
    } catch {
      return []
    }
  }

  private func value(_ result: Result<Double, Gap>) -> Double {
    if case .success(let value) = result { value } else { .nan }
  }

  private func value(_ spectrum: Result<Spectrum, Gap>, k: Int) -> Double {
    value(spectrum.flatMap { $0.value(.per, k: k) })
  }
}
