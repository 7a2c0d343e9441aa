/// Where each head's query, key and value stand in one row of the fused projection.
struct HeadLayout: Sendable, Equatable {
  /// Query heads.
  let heads: Int
  let keyValueHeads: Int
  /// d_h.
  let headSize: Int
  /// Each head's query, key and value together (GPT-NeoX: head h's at h·3·d_h + {0, d_h, 2·d_h});
  /// else all queries, all keys, all values.
  let interleavesHeads: Bool

  init(_ configuration: ModelConfiguration) {
    heads = configuration.heads
    keyValueHeads = configuration.keyValueHeads
    headSize = configuration.headSize
    interleavesHeads = configuration.interleavesHeads
  }

  /// F, features of a row.
  var width: Int { (heads + 2 * keyValueHeads) * headSize }

  /// Query heads that share a key-value head.
  var headsPerGroup: Int { heads / keyValueHeads }

  func query(_ head: Int) -> Int { interleavesHeads ? 3 * head * headSize : head * headSize }

  /// Where the key of query head `head` begins.
  func key(_ head: Int) -> Int {
    interleavesHeads
      ? (3 * head + 1) * headSize : (heads + head / headsPerGroup) * headSize
  }

  /// Where the value of query head `head` begins.
  func value(_ head: Int) -> Int {
    interleavesHeads
      ? (3 * head + 2) * headSize : (heads + keyValueHeads + head / headsPerGroup) * headSize
  }
}
