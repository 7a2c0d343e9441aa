import Testing

@testable import Statistics

@Suite struct ShufflerTests {
  @Test func everyOrderIsEquallyLikely() {
    let shuffler = Shuffler([0..<4])
    var generator = SeededGenerator(seed: 31)
    var counts: [[Int]: Int] = [:]
    var list = [0, 1, 2, 3]
    let draws = 48_000
    for _ in 0..<draws {
      list.withUnsafeMutableBufferPointer { shuffler.shuffle($0, using: &generator) }
      counts[list, default: 0] += 1
    }
    #expect(counts.count == 24)
    let expected = Double(draws) / 24
    let chi = counts.values.reduce(0.0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    // χ² on 23 degrees of freedom is below 49.7 in 999 of 1,000 cases.
    #expect(chi < 49.7)
  }

  @Test func segmentsKeepTheirOwnElements() {
    let shuffler = Shuffler([0..<3, 3..<4, 4..<40])
    var generator = SeededGenerator(seed: 32)
    var list = Array(0..<40)
    for _ in 0..<100 {
      list.withUnsafeMutableBufferPointer { shuffler.shuffle($0, using: &generator) }
      #expect(Set(list[0..<3]) == [0, 1, 2])
      #expect(list[3] == 3)
      #expect(Set(list[4...]) == Set(4..<40))
    }
  }

  @Test(arguments: [1, 2, 7, 12, 34, 100])
  func resamplesDrawEachPlaceEquallyOften(count: Int) {
    let resampler = Resampler([0..<count])
    var generator = SeededGenerator(seed: UInt64(33 + count))
    var weights = [Double](repeating: 0, count: count)
    var totals = weights
    let draws = 4_000
    for _ in 0..<draws {
      weights.withUnsafeMutableBufferPointer { resampler.draw($0, using: &generator) }
      #expect(weights.reduce(0, +) == Double(count))
      for i in weights.indices { totals[i] += weights[i] }
    }
    let chi = totals.reduce(0) {
      $0 + ($1 - Double(draws)) * ($1 - Double(draws)) / Double(draws)
    }
    // Mean count − 1, five standard deviations above it.
    #expect(chi < Double(count - 1) + 5 * (2 * Double(count)).squareRoot())
  }

  @Test(arguments: [1, 2, 3, 8, 9, 17, 40, 130, 300])
  func theSignTablesGiveTheSlowTau(count: Int) throws {
    var generator = SeededGenerator(seed: UInt64(34 + count))
    func draw() -> [Double] { generator.gaussians(count).map { ($0 * 4).rounded() } }
    let (x, y, z) = (draw(), draw(), draw())
    let lists = [x, y, z].map { SignVector.signs(of: $0) }
    let table = RowTable(lists.map(\.signs), of: SignVector.width(count))
    let balance = table.withRows { $0.dot(0, $0, 1) }
    let untied = Double(lists[0].untied) * Double(lists[1].untied)
    if let tau = kendallTauB(x, y) {
      #expect(abs(Double(balance) / untied.squareRoot() - tau) < 1e-14)
    } else {
      #expect(untied == 0)
    }
    let numbers = RowTable(
      lists.map { $0.signs.map { Float($0) } }, of: SignVector.width(count))
    #expect(numbers.withRows { $0.dot(2, $0, 0) } == Double(table.withRows { $0.dot(2, $0, 0) }))
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 13, 32, 97])
  func ranksCountTheSmallerValues(count: Int) {
    var generator = SeededGenerator(seed: UInt64(43 + count))
    let values = generator.gaussians(count).map { ($0 * 3).rounded() }
    let table = RowTable([values], of: count)
    var ranks = [Int16](repeating: -1, count: count + SignVector.padding)
    let untied = ranks.withUnsafeMutableBufferPointer { ranks in
      table.withRows { SignVector.rank($0.bytes, count: count, into: ranks) }
    }
    #expect(ranks.prefix(count).map { Int($0) } == values.map { own in values.count { $0 < own } })
    #expect(untied == SignVector.signs(of: values).untied)
  }
}
