/// Measured rows as bytes: the words once, then records of fixed size that point at them.
enum MeasuredRowCoding {
  /// Bytes of a record: layer, head, n (Int32 each, -1 for none), six words (UInt16 each), three
  /// numbers (Float64 each, NaN for none), the number of halves (UInt32).
  private static let recordSize = 3 * 4 + 6 * 2 + 3 * 8 + 4

  static func encode(_ rows: [MeasuredRow]) -> [UInt8] {
    var words: [String: UInt16] = [:]
    var order: [String] = []
    func index(_ word: String) -> UInt16 {
      if let index = words[word] { return index }
      let index = UInt16(order.count)
      words[word] = index
      order.append(word)
      return index
    }
    var records = ByteEncoder()
    var halves: [Float] = []
    for row in rows {
      records.append(Int32(row.layer ?? -1))
      records.append(Int32(row.head ?? -1))
      records.append(Int32(row.n ?? -1))
      for word in [row.component, row.object, row.metric, row.variant, row.rows, row.gap ?? ""] {
        records.append(index(word))
      }
      records.append(row.value ?? .nan)
      records.append(row.lower ?? .nan)
      records.append(row.upper ?? .nan)
      records.append(UInt32(row.halves.count))
      halves += row.halves
    }
    var encoder = ByteEncoder()
    encoder.append(UInt32(order.count))
    for word in order { encoder.append(word) }
    encoder.append(UInt32(rows.count))
    encoder.append(raw: records.bytes)
    encoder.append(halves)
    return encoder.bytes
  }

  static func decode(_ bytes: [UInt8]) throws(ByteDecoder.Malformed) -> [MeasuredRow] {
    var decoder = ByteDecoder(bytes)
    var words: [String] = []
    for _ in 0..<(try decoder.count(ofAtLeast: 4, "words")) {
      words.append(try decoder.text("a word"))
    }
    let count = try decoder.count(ofAtLeast: recordSize, "rows")
    var rows: [MeasuredRow] = []
    rows.reserveCapacity(count)
    var halves: [Int] = []
    for _ in 0..<count {
      let layer = try decoder.integer(Int32.self, "a layer")
      let head = try decoder.integer(Int32.self, "a head")
      let n = try decoder.integer(Int32.self, "n")
      func word() throws(ByteDecoder.Malformed) -> String {
        let index = Int(try decoder.integer(UInt16.self, "a word's index"))
        guard index < words.count else {
          throw ByteDecoder.Malformed(offset: decoder.offset, expected: "a word's index")
        }
        return words[index]
      }
      var row = MeasuredRow(
        component: try word(), object: try word(), metric: try word(), variant: try word(),
        rows: try word(), value: nil)
      let gap = try word()
      row.gap = gap.isEmpty ? nil : gap
      row.layer = layer < 0 ? nil : Int(layer)
      row.head = head < 0 ? nil : Int(head)
      row.n = n < 0 ? nil : Int(n)
      row.value = try number(&decoder)
      row.lower = try number(&decoder)
      row.upper = try number(&decoder)
      halves.append(Int(try decoder.integer(UInt32.self, "the number of halves")))
      rows.append(row)
    }
    for index in rows.indices where halves[index] > 0 {
      rows[index].halves = try decoder.floats(halves[index], "halves")
    }
    guard decoder.remaining == 0 else {
      throw ByteDecoder.Malformed(offset: decoder.offset, expected: "the end")
    }
    return rows
  }

  private static func number(
    _ decoder: inout ByteDecoder
  ) throws(ByteDecoder.Malformed) -> Double? {
    let value = try decoder.double("a number")
    return value.isNaN ? nil : value
  }
}
