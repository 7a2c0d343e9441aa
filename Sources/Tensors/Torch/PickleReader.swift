/// Reads a pickle (protocols 2 to 5) into a graph of inert nodes.
///
/// Knows the opcodes that `torch.save` and NumPy write; every other one is an error with its offset.
/// Nothing grows beyond a small multiple of the pickle: constants and small numbers are one node each,
/// and values, waiting or made, are limited to what Python's own pickler can need.
struct PickleReader {
  struct Finding: Error, Equatable {
    let offset: Int
    let expected: String
    let found: String
  }

  static let largest = 256 << 20
  /// Most values on the stack: Python's pickler hands over containers in batches of a thousand.
  static let highestStack = 1 << 18

  private let bytes: [UInt8]
  private var place = 0
  private var graph = PickleGraph()
  private var stack: [PickleGraph.Index] = []
  /// Heights of the stack at open marks.
  private var marks: [Int] = []
  /// Remembered values by their keys, which count up from 0 in what Python writes today.
  private var memo: [PickleGraph.Index] = []
  /// Those whose keys do not.
  private var scatteredMemo: [Int: PickleGraph.Index] = [:]

  static func read(_ bytes: [UInt8]) throws(Finding) -> PickleGraph {
    var reader = PickleReader(bytes: bytes)
    return try reader.run()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func run() throws(Finding) -> PickleGraph {
    guard bytes.count <= Self.largest else {
      throw error("a pickle of at most \(Self.largest) bytes", "\(bytes.count)")
    }
    while true {
      let start = place
      guard let opcode = Opcode(rawValue: try byte()) else {
        place = start
        throw error(
          "an opcode that torch.save or numpy writes",
          "0x\(String(bytes[start], radix: 16)); save the file again as safetensors")
      }
      if opcode == .stop {
        graph.root = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw error("one value at the end", "more") }
        return graph
      }
      try perform(opcode)
    }
  }

  private enum Opcode: UInt8 {
    case proto = 0x80
    case frame = 0x95
    case stop = 0x2E
    case mark = 0x28
    case none = 0x4E
    case newTrue = 0x88
    case newFalse = 0x89
    case binInt = 0x4A
    case binInt1 = 0x4B
    case binInt2 = 0x4D
    case long1 = 0x8A
    case binFloat = 0x47
    case binUnicode = 0x58
    case shortBinUnicode = 0x8C
    case binUnicode8 = 0x8D
    case shortBinString = 0x55
    case binString = 0x54
    case shortBinBytes = 0x43
    case binBytes = 0x42
    case binBytes8 = 0x8E
    case byteArray8 = 0x96
    case emptyTuple = 0x29
    case tuple = 0x74
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case emptyList = 0x5D
    case append = 0x61
    case appends = 0x65
    case emptyDictionary = 0x7D
    case setItem = 0x73
    case setItems = 0x75
    case binPut = 0x71
    case longBinPut = 0x72
    case binGet = 0x68
    case longBinGet = 0x6A
    case memoize = 0x94
    case global = 0x63
    case stackGlobal = 0x93
    case reduce = 0x52
    case build = 0x62
    case newObject = 0x81
    case binPersistentID = 0x51
  }

  private mutating func perform(_ opcode: Opcode) throws(Finding) {
    switch opcode {
    case .stop: break
    case .proto:
      let version = try byte()
      guard (2...5).contains(version) else { throw error("protocol 2 to 5", "\(version)") }
    case .frame: _ = try length(8)
    case .mark: marks.append(stack.count)
    case .none: try push(PickleGraph.none)
    case .newTrue: try push(PickleGraph.true)
    case .newFalse: try push(PickleGraph.false)
    case .binInt: try push(.int(Int(Int32(truncatingIfNeeded: number(4)))))
    case .binInt1: try push(PickleGraph.small(Int(number(1))))
    case .binInt2: try push(.int(Int(number(2))))
    case .long1: try push(.int(longInteger()))
    case .binFloat: try push(.float(Double(bitPattern: number(8).byteSwapped)))
    case .binUnicode: try pushText(4)
    case .shortBinUnicode, .shortBinString: try pushText(1)
    case .binUnicode8: try pushText(8)
    case .binString: try pushText(4)
    case .shortBinBytes: try pushBytes(1)
    case .binBytes: try pushBytes(4)
    case .binBytes8, .byteArray8: try pushBytes(8)
    case .emptyTuple: try push(PickleGraph.emptyTuple)
    case .tuple: try push(.tuple(popToMark()))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .emptyList: try push(.list([]))
    case .append: try append([try pop()])
    case .appends: try append(try popToMark())
    case .emptyDictionary: try push(.dictionary([]))
    case .setItem:
      let value = try pop()
      try setItems([try pop(), value])
    case .setItems: try setItems(try popToMark())
    case .binPut: try remember(Int(try number(1)))
    case .longBinPut: try remember(Int(try number(4)))
    case .memoize: try remember(memo.count + scatteredMemo.count)
    case .binGet: try recall(Int(try number(1)))
    case .longBinGet: try recall(Int(try number(4)))
    case .global:
      let module = try line()
      try push(.global(module: module, name: line()))
    case .stackGlobal:
      let (name, module) = (try pop(), try pop())
      guard let name = graph.text(name), let module = graph.text(module) else {
        throw error("the name of a module and of something in it", "other values")
      }
      try push(.global(module: module, name: name))
    case .reduce, .newObject:
      let arguments = try pop()
      try push(.call(callable: pop(), arguments: arguments, entries: [], state: nil))
    case .build: try build()
    case .binPersistentID: try push(.external(pop()))
    }
  }

  // MARK: The stack

  private mutating func push(_ node: PickleGraph.Node) throws(Finding) {
    // A value of its own takes two bytes of what Python writes, the one that remembers it included.
    guard graph.nodes.count <= Self.highestStack + bytes.count / 2 else {
      throw error("at most a value every two bytes", "more")
    }
    try push(graph.nodes.count)
    graph.nodes.append(node)
  }

  private mutating func push(_ index: PickleGraph.Index) throws(Finding) {
    guard stack.count < Self.highestStack else {
      throw error("at most \(Self.highestStack) values on the stack", "more")
    }
    stack.append(index)
  }

  private mutating func pop() throws(Finding) -> PickleGraph.Index {
    guard stack.count > marks.last ?? 0, let top = stack.popLast() else {
      throw error("a value on the stack", "none")
    }
    return top
  }

  private func top() throws(Finding) -> PickleGraph.Index {
    guard stack.count > marks.last ?? 0, let top = stack.last else {
      throw error("a value on the stack", "none")
    }
    return top
  }

  private mutating func popToMark() throws(Finding) -> [PickleGraph.Index] {
    guard let height = marks.popLast() else { throw error("a mark on the stack", "none") }
    let values = Array(stack[height...])
    stack.removeLast(stack.count - height)
    return values
  }

  private mutating func pushTuple(_ count: Int) throws(Finding) {
    var elements: [PickleGraph.Index] = []
    for _ in 0..<count { elements.append(try pop()) }
    try push(.tuple(elements.reversed()))
  }

  private mutating func append(_ values: [PickleGraph.Index]) throws(Finding) {
    let target = try top()
    guard case .list(var elements) = graph.nodes[target] else {
      throw error("a list to append to", "something else")
    }
    graph.nodes[target] = .none
    elements += values
    graph.nodes[target] = .list(elements)
  }

  private mutating func setItems(_ values: [PickleGraph.Index]) throws(Finding) {
    guard values.count % 2 == 0 else { throw error("keys with values", "a key without one") }
    let target = try top()
    let node = graph.nodes[target]
    // Let go of the stored copy, so that the entries grow in place.
    graph.nodes[target] = .none
    switch node {
    case .dictionary(var entries):
      appendPairs(values, to: &entries)
      graph.nodes[target] = .dictionary(entries)
    case .call(let callable, let arguments, var entries, let state):
      appendPairs(values, to: &entries)
      graph.nodes[target] = .call(
        callable: callable, arguments: arguments, entries: entries, state: state)
    default: throw error("a dictionary to set entries of", "something else")
    }
  }

  private func appendPairs(
    _ values: [PickleGraph.Index],
    to entries: inout [(key: PickleGraph.Index, value: PickleGraph.Index)]
  ) {
    for place in stride(from: 0, to: values.count, by: 2) {
      entries.append((values[place], values[place + 1]))
    }
  }

  private mutating func build() throws(Finding) {
    let state = try pop()
    let target = try top()
    guard case .call(let callable, let arguments, let entries, _) = graph.nodes[target] else {
      throw error("an object to set the state of", "something else")
    }
    graph.nodes[target] = .call(
      callable: callable, arguments: arguments, entries: entries, state: state)
  }

  private mutating func remember(_ key: Int) throws(Finding) {
    let value = try top()
    if key < memo.count {
      memo[key] = value
    } else if key == memo.count {
      memo.append(value)
    } else {
      scatteredMemo[key] = value
    }
  }

  private mutating func recall(_ key: Int) throws(Finding) {
    guard let index = key < memo.count ? memo[key] : scatteredMemo[key] else {
      throw error("a remembered value", "none under \(key)")
    }
    try push(index)
  }

  // MARK: The bytes

  private mutating func byte() throws(Finding) -> UInt8 {
    guard place < bytes.count else { throw error("an opcode", "the end of the pickle") }
    defer { place += 1 }
    return bytes[place]
  }

  /// A little-endian number of `size` bytes.
  private mutating func number(_ size: Int) throws(Finding) -> UInt64 {
    try take(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  }

  /// A length that the rest of the pickle can hold.
  private mutating func length(_ size: Int) throws(Finding) -> Int {
    let value = try number(size)
    guard value <= UInt64(bytes.count - place) else {
      throw error("\(value) more bytes", "\(bytes.count - place)")
    }
    return Int(value)
  }

  private mutating func take(_ count: Int) throws(Finding) -> ArraySlice<UInt8> {
    guard count <= bytes.count - place else {
      throw error("\(count) more bytes", "\(bytes.count - place)")
    }
    defer { place += count }
    return bytes[place..<place + count]
  }

  private mutating func pushText(_ lengthSize: Int) throws(Finding) {
    let content = try take(try length(lengthSize))
    guard let text = String(validating: content, as: UTF8.self) else {
      // A byte string of Python 2 is Latin-1.
      try push(.bytes(Array(content)))
      return
    }
    try push(.text(text))
  }

  private mutating func pushBytes(_ lengthSize: Int) throws(Finding) {
    try push(.bytes(Array(take(length(lengthSize)))))
  }

  /// An integer of up to 8 bytes, two's complement.
  private mutating func longInteger() throws(Finding) -> Int {
    let size = Int(try byte())
    guard size <= 8 else { throw error("an integer of 64 bits", "\(size) bytes") }
    if size == 0 { return 0 }
    let value = try number(size)
    let shift = 64 - 8 * size
    return Int(Int64(bitPattern: value << shift) >> shift)
  }

  private mutating func line() throws(Finding) -> String {
    let rest = bytes[place...]
    guard let end = rest.firstIndex(of: 0x0A), end - place <= 1000,
      let text = String(validating: bytes[place..<end], as: UTF8.self)
    else { throw error("a name", "the end of the pickle or other bytes") }
    place = end + 1
    return text
  }

  private func error(_ expected: String, _ found: String) -> Finding {
    Finding(offset: place, expected: expected, found: found)
  }
}
