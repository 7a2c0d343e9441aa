import Testing

@testable import Files

@Suite struct RecordTests {
  private enum Word: String, Codable { case mlp, ov }

  private enum Shape: Encodable, Equatable {
    case point
    case rule(at: Double)
    case line([Double], String)
  }

  private struct Row: Codable, Equatable {
    var name: String
    var word: Word
    var layer: Int?
    var value: Double?
    var label: String?
    var other: Word?
    var flag: Bool
    var optional: Bool?
    var steps: [Int]
    var gaps: [Double?]
    var inner: [Inner]
    var bytes: [UInt8]
    var last: Inner?
  }

  private struct Inner: Codable, Equatable {
    let x: Double
    let texts: [[String]]
  }

  private let rows = [
    Row(
      name: "nano", word: .ov, layer: nil, value: -0.0, label: "", other: nil, flag: true,
      optional: false, steps: [.min, 0, .max], gaps: [nil, 1.5, nil], inner: [], bytes: [0, 255],
      last: nil),
    Row(
      name: "größe ✓", word: .mlp, layer: 3, value: .infinity, label: nil, other: .mlp, flag: false,
      optional: nil, steps: [], gaps: [], inner: [Inner(x: 2, texts: [["nano"], []])], bytes: [],
      last: Inner(x: -1, texts: [])),
  ]

  @Test func whatWasWrittenIsReadBack() throws {
    let bytes = try RecordEncoder.bytes(of: rows)
    #expect(try RecordDecoder.value([Row].self, from: bytes) == rows)
    #expect(try RecordEncoder.bytes(of: rows) == bytes)
    let read = try RecordDecoder.value([Row].self, from: bytes)
    #expect(read[0].value?.sign == .minus)
  }

  @Test func everyBitOfADoubleIsKept() throws {
    let values = [Double.nan, -.nan, .leastNonzeroMagnitude, 0.1]
    let read = try RecordDecoder.value([Double].self, from: RecordEncoder.bytes(of: values))
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }

  /// What figures are told apart by.
  @Test func differentValuesHaveDifferentBytes() throws {
    let shapes: [[Shape]] = [
      [], [.point], [.point, .point], [.rule(at: 1)], [.rule(at: 2)], [.line([1], "a")],
      [.line([1, 1], "a")], [.line([], "a")], [.line([1], "b")],
    ]
    let all = try shapes.map { try RecordEncoder.bytes(of: $0) }
    #expect(Set(all).count == shapes.count)
    let gaps: [[Double?]] = [[], [nil], [0], [nil, nil], [nil, 0], [0, nil]]
    #expect(try Set(gaps.map { try RecordEncoder.bytes(of: $0) }).count == gaps.count)
  }

  /// No cut and no changed byte makes reading crash, and no cut record passes.
  @Test func damagedRecordsAreRefused() throws {
    let bytes = try RecordEncoder.bytes(of: rows)
    for count in 0..<bytes.count {
      #expect(throws: RecordDecoder.Malformed.self) {
        _ = try RecordDecoder.value([Row].self, from: Array(bytes.prefix(count)))
      }
    }
    #expect(throws: RecordDecoder.Malformed.self) {
      _ = try RecordDecoder.value([Row].self, from: bytes + [0])
    }
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 0xFF
      // Some changes give other values; none may end the process.
      _ = try? RecordDecoder.value([Row].self, from: changed)
    }
  }

  @Test func numbersThatAreNotWrittenAreTold() {
    #expect(throws: EncodingError.self) { _ = try RecordEncoder.bytes(of: [Float(1)]) }
  }
}
