import Capture
import Dynamics
import Testing

@testable import Studies

@Suite struct SpectrumSampleTests {
  @Test(arguments: [1, 2, 32, 33])
  func aShortSpectrumIsKeptWhole(count: Int) {
    #expect(SpectrumSample.ranks(of: count) == Array(0..<count))
  }

  @Test(arguments: [34, 64, 65, 100, 512, 10_240])
  func aLongOneIsSampledEvenlyFromTheFirstToTheLast(count: Int) {
    let ranks = SpectrumSample.ranks(of: count)
    #expect(ranks.count == SpectrumSample.size)
    #expect(ranks.first == 0 && ranks.last == count - 1)
    let exact = Double(count - 1) / Double(SpectrumSample.size - 1)
    for (place, rank) in ranks.enumerated() {
      #expect(abs(Double(rank) - Double(place) * exact) <= 0.5)
    }
    #expect(Set(ranks).count == ranks.count)
  }

  @Test func rowsCarryTheRanksOfTheirValues() {
    var row = MeasuredRow(
      layer: 3, component: "mlp", object: "weights", metric: SpectrumSample.metric, value: nil,
      n: 100)
    row.halves = SpectrumSample.ranks(of: 100).map { 100 - Float($0) }
    let rows = SpectrumSample.rows(row, run: "a", step: 8, probe: "")
    #expect(rows.count == 33)
    #expect(rows.allSatisfy { $0.value == 100 - Double($0.rank) && $0.count == 100 })
  }

  @Test func theTablesReadBackTheSame() throws {
    let spectra = [
      SpectrumRow(
        run: "=a,\"b\"", step: 0, layer: 1, component: "ov", object: "gradients", probe: "p",
        count: 2, rank: 1, value: 0.1)
    ]
    let csv = Array(TableWriter.csv(spectra).utf8)
    #expect(try SpectrumRow.read(csv: csv, file: "spectra.csv") == spectra)
    let pairs = [
      LayerSimilarityRow(
        run: "r", step: 1, otherStep: 9, component: "mlp", metric: "cka", rows: "last", probe: "-p",
        layer: 0, otherLayer: 2, value: -0.25, n: nil)
    ]
    let other = Array(TableWriter.csv(pairs).utf8)
    #expect(try LayerSimilarityRow.read(csv: other, file: "layer_similarity.csv") == pairs)
    let broken = Array("run,step\na,1\n".utf8)
    #expect(throws: DynamicsError.self) { try SpectrumRow.read(csv: broken, file: "spectra.csv") }
  }
}
