import LinearAlgebra
import Testing

@testable import Metrics

@Suite struct AttentionWeightsTests {
  private let d = 12
  private let heads = 3

  private func draw(seed: UInt64) -> AttentionWeights {
    var draws = Draws(seed: seed)
    return AttentionWeights(
      output: draws.gaussian(d, d).inFloat, value: draws.gaussian(d, d).inFloat, heads: heads)
  }

  /// W_O[:, h] W_V[h, :] by the definition.
  private func product(_ a: AttentionWeights, _ b: AttentionWeights, head: Int?) -> Matrix<Double> {
    let inner = head.map { $0 * 4..<($0 + 1) * 4 } ?? 0..<d
    var result = Matrix<Double>(rows: d, columns: d)
    for i in 0..<d {
      for j in 0..<d {
        result[i, j] = inner.reduce(0) { $0 + Double(a.output[i, $1]) * Double(b.value[$1, j]) }
      }
    }
    return result
  }

  private func expectSame(_ spectrum: Result<Spectrum, Gap>?, as dense: Matrix<Double>) throws {
    let values = try #require(spectrum).get().values
    let expected = try SingularValues.of(dense, route: .exact)
    for (value, reference) in zip(values, expected) {
      #expect(abs(value - reference) < 1e-7 * expected[0])
    }
    #expect(expected.dropFirst(values.count).allSatisfy { $0 < 1e-12 * expected[0] })
  }

  @Test(arguments: [1, 2])
  func spectraAreThoseOfTheDenseProducts(width: Int) throws {
    let weights = draw(seed: 1)
    let spectra = weights.ovSpectra(lanes: Lanes(width: width))
    #expect(spectra.heads.count == 3)
    for head in 0..<3 {
      let dense = product(weights, weights, head: head)
      try expectSame(spectra.heads[head], as: dense)
      #expect(try spectra.heads[head].get().values.count == 4)
      #expect(
        zip(weights.product(ofHead: head).elements, dense.elements).allSatisfy {
          abs($0 - $1) < 1e-13
        })
    }
    try expectSame(spectra.full, as: product(weights, weights, head: nil))
  }

  @Test(arguments: [1.0, 1e-6])
  func gradientSpectraAreThoseOfTheSumOfBothProducts(scale: Float) throws {
    let weights = draw(seed: 2)
    var gradient = draw(seed: 3)
    gradient = AttentionWeights(
      output: .init(rows: d, columns: d, elements: gradient.output.elements.map { scale * $0 }),
      value: .init(rows: d, columns: d, elements: gradient.value.elements.map { scale * $0 }),
      heads: heads)
    let spectra = weights.ovGradientSpectra(gradient)
    for head in [nil, 0, 1, 2] as [Int?] {
      let dense = product(gradient, weights, head: head) + product(weights, gradient, head: head)
      try expectSame(head.map { spectra.heads[$0] } ?? spectra.full, as: dense)
    }
    #expect(try spectra.heads[0].get().values.count == 8)
  }

  @Test func theExactRouteIsExact() throws {
    let (weights, gradient) = (draw(seed: 12), draw(seed: 13))
    let spectra = [
      weights.ovSpectra(route: .exact), weights.ovGradientSpectra(gradient, route: .exact),
    ]
    for head in 0..<3 {
      let dense = [
        product(weights, weights, head: head),
        product(gradient, weights, head: head) + product(weights, gradient, head: head),
      ]
      for (spectrum, matrix) in zip(spectra, dense) {
        let expected = try SingularValues.of(matrix, route: .exact)
        for (value, reference) in zip(try spectrum.heads[head].get().values, expected) {
          #expect(abs(value - reference) < 1e-13 * expected[0])
        }
      }
    }
  }

  @Test func onlyWhatIsAskedForIsThere() {
    let weights = draw(seed: 4)
    #expect(weights.ovSpectra(.heads).full == nil)
    #expect(weights.ovSpectra(.full).heads.isEmpty)
    #expect(weights.ovSpectra(.heads).heads == weights.ovSpectra(.all).heads)
    #expect(weights.ovSpectra(.full).full == weights.ovSpectra(.all).full)
  }

  /// Rows numbered by what they are: 100 · head + 10 · part + row.
  private var numberedRows: Matrix<Float> {
    var fused = Matrix<Float>(rows: 36, columns: 1)
    for row in 0..<36 { fused[row, 0] = Float(100 * (row / 12) + 10 * (row % 12 / 4) + row % 4) }
    return fused
  }

  @Test func layoutsTakeTheRowsTheyName() {
    let output = Matrix<Float>(rows: 1, columns: 12)
    let interleaved = AttentionWeights(output: output, fused: numberedRows, heads: 3)
    #expect(
      interleaved.value.elements == [20, 21, 22, 23, 120, 121, 122, 123, 220, 221, 222, 223])
    let published = AttentionWeights(
      output: output, fused: numberedRows, heads: 3, layout: .published)
    // The last third of the rows: query, key and value of the last head.
    #expect(
      published.value.elements == [200, 201, 202, 203, 210, 211, 212, 213, 220, 221, 222, 223])
  }

  @Test func ofOneHeadBothLayoutsAreTheSame() {
    var draws = Draws(seed: 5)
    let (output, fused) = (draws.gaussian(6, 6).inFloat, draws.gaussian(18, 6).inFloat)
    let values = AttentionLayout.allCases.map {
      AttentionWeights(output: output, fused: fused, heads: 1, layout: $0).value
    }
    #expect(values[0] == values[1])
  }

  /// One head: 2 d_h exceeds d, and the gradient has d values.
  @Test func aGradientOfFullRankHasOnlyDValues() throws {
    var draws = Draws(seed: 6)
    let (w, g) = (0..<2).map { _ in
      AttentionWeights(
        output: draws.gaussian(6, 6).inFloat, value: draws.gaussian(6, 6).inFloat, heads: 1)
    }.pair
    let spectra = w.ovGradientSpectra(g)
    let (head, full) = try (spectra.heads[0].get(), #require(spectra.full).get())
    #expect(head.values.count == 6)
    #expect(zip(head.values, full.values).allSatisfy { abs($0 - $1) < 1e-6 * full.values[0] })
  }

  @Test func queryKeySpectraAreThoseOfTheDenseProducts() throws {
    var draws = Draws(seed: 7)
    let fused = draws.gaussian(36, 12)
    let spectra = queryKeySpectra(fused: fused.inFloat, heads: 3)
    let stored = fused.inFloat.upcast
    for head in 0..<3 {
      let query = stored.selectingRows(head * 12..<head * 12 + 4)
      let key = stored.selectingRows(head * 12 + 4..<head * 12 + 8)
      try expectSame(spectra[head], as: query.transposeMultiplied(by: key))
    }
  }

  @Test func picoSpectraAreThoseOfTheDenseForms() throws {
    let (w, g) = (draw(seed: 8), draw(seed: 9))
    let reversed = (0..<3).map { head in
      w.valueOfHead(head).inDouble.multiplied(by: w.outputOfHead(head).inDouble.transposed)
    }
    let spectra = w.picoSpectra()
    for head in 0..<3 { try expectSame(spectra.heads[head], as: reversed[head]) }
    try expectSame(spectra.layer, as: .sideBySide(reversed))
    let changes = (0..<3).map { product(g, w, head: $0) + product(w, g, head: $0) }
    let gradient = w.picoGradientSpectra(g)
    for head in 0..<3 { try expectSame(gradient.heads[head], as: changes[head]) }
    try expectSame(gradient.layer, as: .sideBySide(changes))
  }

  @Test func aBadEntryIsAGapOfItsHeadAndOfTheFullProductAlone() throws {
    let sound = draw(seed: 10)
    var value = sound.value
    value[5, 0] = .nan
    let spectra = AttentionWeights(output: sound.output, value: value, heads: 3).ovSpectra()
    #expect(spectra.heads[1].gap == .nonFinite)
    #expect(spectra.heads[0] == sound.ovSpectra().heads[0])
    #expect(spectra.full?.gap == .nonFinite)
  }

  @Test func relativeChangesAreThoseOfTheDenseProducts() throws {
    let before = draw(seed: 11)
    var output = before.output
    for index in output.elements.indices { output.elements[index] *= 1 + 1e-3 * Float(index % 7) }
    let now = AttentionWeights(output: output, value: before.value, heads: 3)
    func change(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
      ((a + -1 * b).squaredFrobeniusNorm / b.squaredFrobeniusNorm).squareRoot()
    }
    let heads = RelativeChange.ofHeads(now, since: before)
    for head in 0..<3 {
      let expected = change(
        product(now, now, head: head), product(before, before, head: head))
      #expect(try abs(heads[head].get() - expected) < 1e-10 * expected)
    }
    let full = change(product(now, now, head: nil), product(before, before, head: nil))
    #expect(try abs(RelativeChange.ofFullProduct(now, since: before) - full) < 1e-10 * full)
    let plain = change(now.output.upcast, before.output.upcast)
    #expect(try abs(RelativeChange.of(now.output, since: before.output) - plain) < 1e-12)
    #expect(try RelativeChange.of(now.output, since: now.output) == 0)
    #expect(throws: Gap.zeroMatrix) {
      try RelativeChange.of(now.output, since: Matrix(rows: d, columns: d))
    }
  }
}

extension Array {
  var pair: (Element, Element) { (self[0], self[1]) }
}
