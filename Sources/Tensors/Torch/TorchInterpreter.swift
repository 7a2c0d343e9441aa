/// Reads tensors off the graph of a `torch.save` pickle.
///
/// What is understood is a closed list of names, compared whole; everything else stays an inert node,
/// and is an error only where a wanted value is made of it.
struct TorchInterpreter {
  let graph: PickleGraph
  /// Zip entries by their name below the archive's prefix.
  let records: [String: ZipArchive.Entry]
  let file: String
  /// Type and elements by storage, so that all references to one agree.
  private var storages: [String: (type: DataType, count: Int)] = [:]
  /// What stands beside the state dictionary of a larger one, in words.
  private(set) var unread: String?

  init(graph: PickleGraph, records: [String: ZipArchive.Entry], file: String) {
    self.graph = graph
    self.records = records
    self.file = file
  }

  /// Names under which training programs keep the state dictionary within a larger one.
  static let wrappers = ["state_dict", "model_state_dict", "model", "module"]

  /// Dictionaries and lists within each other that are looked into.
  private static let deepestNesting = 4

  /// The tensors of the dictionary that the pickle is, or of the one that it wraps, in their order; of
  /// dictionaries and lists within it under names joined by ".".
  mutating func stateDictionary() throws(TensorError) -> [TensorDescription] {
    var root = graph.root
    if let entries = graph.entries(root) {
      for wrapper in Self.wrappers {
        guard let entry = entries.first(where: { graph.text($0.key) == wrapper }),
          graph.entries(entry.value) != nil
        else { continue }
        root = entry.value
        let others = entries.filter { $0.key != entry.key }.compactMap { graph.text($0.key) }
        if !others.isEmpty {
          unread =
            "\(TensorError.quoted(wrapper)) is read; not "
            + others.prefix(8).map(TensorError.quoted).joined(separator: ", ")
            + (others.count > 8 ? " and \(others.count - 8) more" : "") + " beside it"
        }
        break
      }
    }
    var found = Found()
    try collect(root, name: "", depth: 0, into: &found)
    guard !found.tensors.isEmpty else {
      throw malformed(
        "tensors",
        foreignObjects.isEmpty
          ? "\(describe(root)) without any"
          : "objects of \(foreignObjects.map(TensorError.quoted).joined(separator: ", ")), which are "
            + "never built; save model.state_dict() alone")
    }
    return found.tensors
  }

  private struct Found {
    var tensors: [TensorDescription] = []
    var names: Set<[UInt8]> = []
    /// Values that were looked at; references could multiply them.
    var visits = 0
  }

  private mutating func collect(
    _ index: PickleGraph.Index, name: String, depth: Int, into found: inout Found
  ) throws(TensorError) {
    found.visits += 1
    guard found.visits <= TensorFile.mostTensors else {
      throw malformed("at most \(TensorFile.mostTensors) values", "more")
    }
    if let tensor = try tensor(index, name: name.isEmpty ? "tensor" : name) {
      guard found.names.insert(Array(tensor.name.utf8)).inserted else {
        throw malformed("different names", "\(TensorError.quoted(tensor.name)) twice")
      }
      found.tensors.append(tensor)
      return
    }
    guard depth < Self.deepestNesting else { return }
    let prefix = name.isEmpty ? "" : name + "."
    if let entries = graph.entries(index) {
      for entry in entries {
        let key: String
        switch graph[entry.key] {
        case .text(let text): key = text
        case .int(let number): key = String(number)
        default: continue
        }
        try collect(entry.value, name: prefix + key, depth: depth + 1, into: &found)
      }
    } else if let items = graph.list(index) {
      for (place, item) in items.enumerated() {
        try collect(item, name: prefix + String(place), depth: depth + 1, into: &found)
      }
    }
  }

  /// The names of all that the pickle makes and that is not understood here, each once.
  var foreignObjects: [String] { graph.globals.filter { !Self.isKnown($0) } }

  // MARK: Tensors

  /// The tensor that node `index` describes; `nil` if it is none.
  private mutating func tensor(
    _ index: PickleGraph.Index, name: String
  ) throws(TensorError) -> TensorDescription? {
    guard case .call(let callable, let argumentsIndex, _, _) = graph[index],
      let function = graph.global(callable), let arguments = graph.tuple(argumentsIndex)
    else { return nil }
    switch function {
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
      "torch.nn.parameter.Parameter":
      guard let data = arguments.first, data != index, case .call(_, _, _, _) = graph[data],
        // A parameter of a parameter does not occur: one level, no recursion without end.
        case .call(let inner, _, _, _) = graph[data],
        graph.global(inner)?.hasPrefix("torch._utils._rebuild_tensor") == true
      else { return nil }
      return try tensor(data, name: name)
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
      "torch._utils._rebuild_tensor_v3":
      return try rebuilt(arguments, name: name)
    default: return nil
    }
  }

  /// A tensor from the arguments of `_rebuild_tensor…`: storage, offset, size, stride.
  private mutating func rebuilt(
    _ arguments: [PickleGraph.Index], name: String
  ) throws(TensorError) -> TensorDescription {
    func malformed(_ expected: String, _ found: String) -> TensorError {
      .malformedTensor(file: file, tensor: name, expected: expected, found: found)
    }
    guard arguments.count >= 4, let offset = graph.int(arguments[1]), offset >= 0,
      let shape = wholeNumbers(arguments[2]), let strides = wholeNumbers(arguments[3]),
      shape.count == strides.count
    else { throw malformed("a storage, an offset, a size and a stride", "other arguments") }
    var storage = try self.storage(arguments[0], name: name)
    // Types without a storage class of their own come as bytes and a dtype (_rebuild_tensor_v3).
    if storage.isUntyped {
      guard arguments.count >= 7, let dtype = graph.global(arguments[6]),
        let type = Self.types[dtype]
      else { throw malformed("a known dtype of an untyped storage", "another or none") }
      guard storage.count % (type.bits / 8) == 0 else {
        throw malformed("whole elements of \(type.rawValue)", "\(storage.count) bytes")
      }
      storage.type = type
      storage.count /= type.bits / 8
    }
    let size = storage.type.bits / 8
    guard let count = CheckedProduct.of(shape),
      let last = lastElement(shape, strides, offset: offset)
    else { throw malformed("a shape that can be addressed", "\(shape), strides \(strides)") }
    guard count == 0 ? offset <= storage.count : last < storage.count else {
      throw malformed(
        "elements within the storage's \(storage.count)",
        count == 0 ? "none at \(offset)" : "element \(last) of it")
    }
    // A stride of 0 makes terabytes out of a few bytes.
    guard let logical = CheckedProduct.of([count, size]),
      logical <= max(4 * storage.count * size, 1 << 20)
    else { throw malformed("no more elements than the storage holds", "\(shape)") }
    let start = storage.entry.bytes.lowerBound + offset * size
    if count == 0 {
      return TensorDescription(name: name, type: storage.type, shape: shape, bytes: start..<start)
    }
    let isContiguous =
      strides == Self.contiguousStrides(shape)
      || zip(shape, zip(strides, Self.contiguousStrides(shape))).allSatisfy {
        $0 == 1 || $1.0 == $1.1
      }
    let end = storage.entry.bytes.lowerBound + (last + 1) * size
    return TensorDescription(
      name: name, type: storage.type, shape: shape, bytes: start..<end,
      strides: isContiguous ? nil : strides,
      checksum: start..<end == storage.entry.bytes ? storage.entry.check : nil)
  }

  private static func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1)
    }
    return strides
  }

  /// The place in the storage of the element that lies furthest back; `nil` on overflow.
  private func lastElement(_ shape: [Int], _ strides: [Int], offset: Int) -> Int? {
    var last = offset
    for (length, stride) in zip(shape, strides) where length > 0 {
      let (step, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflowToo) = last.addingReportingOverflow(step)
      guard !overflow, !overflowToo else { return nil }
      last = sum
    }
    return last
  }

  // MARK: Storages

  /// The storage that a persistent id names: `("storage", type, key, location, elements)`.
  private mutating func storage(
    _ index: PickleGraph.Index, name: String
  ) throws(TensorError) -> Storage {
    func malformed(_ expected: String, _ found: String) -> TensorError {
      .malformedTensor(file: file, tensor: name, expected: expected, found: found)
    }
    guard case .external(let identifier) = graph[index], let parts = graph.tuple(identifier),
      parts.count == 5, graph.text(parts[0]) == "storage", let typeName = graph.global(parts[1]),
      let key = graph.text(parts[2]), let count = graph.int(parts[4]), count >= 0
    else { throw malformed("a reference to a storage", describe(index)) }
    guard let type = Self.storageTypes[typeName] else {
      throw .unsupportedType(
        file: file, tensor: name, type: TensorError.quoted(typeName),
        supported: "torch's storages of floats and integers")
    }
    guard !key.contains("/"), let entry = records["data/\(key)"] else {
      throw malformed("the record data/\(TensorError.quoted(key))", "none of that name")
    }
    guard let size = CheckedProduct.of([count, type.bits / 8]), size == entry.bytes.count else {
      throw malformed(
        "a storage of \(entry.bytes.count) bytes, as its record has",
        "\(count) elements of \(type.rawValue)")
    }
    if let known = storages[key], known != (type, count) {
      throw malformed("one type and size of storage \(TensorError.quoted(key))", "two")
    }
    storages[key] = (type, count)
    return Storage(
      type: type, count: count, entry: entry, isUntyped: Self.untypedStorages.contains(typeName))
  }

  private struct Storage {
    var type: DataType
    var count: Int
    let entry: ZipArchive.Entry
    /// Bytes, whose type the tensor names.
    let isUntyped: Bool
  }

  private static let untypedStorages: Set<String> = [
    "torch.storage.UntypedStorage", "torch.UntypedStorage",
  ]

  static let storageTypes: [String: DataType] = [
    "torch.FloatStorage": .float32, "torch.HalfStorage": .float16,
    "torch.BFloat16Storage": .bfloat16, "torch.DoubleStorage": .float64,
    "torch.LongStorage": .int64, "torch.IntStorage": .int32, "torch.ShortStorage": .int16,
    "torch.CharStorage": .int8, "torch.ByteStorage": .uint8, "torch.BoolStorage": .bool,
    "torch.ComplexFloatStorage": .complex64,
    "torch.storage.UntypedStorage": .uint8, "torch.UntypedStorage": .uint8,
  ]

  /// The types that a tensor over an untyped storage may name.
  static let types: [String: DataType] = [
    "torch.float64": .float64, "torch.float32": .float32, "torch.float16": .float16,
    "torch.bfloat16": .bfloat16, "torch.int64": .int64, "torch.int32": .int32,
    "torch.int16": .int16, "torch.int8": .int8, "torch.uint64": .uint64, "torch.uint32": .uint32,
    "torch.uint16": .uint16, "torch.uint8": .uint8, "torch.bool": .bool,
    "torch.complex64": .complex64, "torch.float8_e5m2": .float8E5M2,
    "torch.float8_e4m3fn": .float8E4M3, "torch.float8_e8m0fnu": .float8E8M0,
    "torch.float8_e4m3fnuz": .float8E4M3FNUZ, "torch.float8_e5m2fnuz": .float8E5M2FNUZ,
  ]

  /// Names that files of tensors hold and that mean no harm.
  static func isKnown(_ global: String) -> Bool {
    storageTypes[global] != nil || types[global] != nil || known.contains(global)
  }

  private static let known: Set<String> = [
    "collections.OrderedDict", "torch.Size", "torch.device", "torch.nn.parameter.Parameter",
    "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
    "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
  ]

  private func wholeNumbers(_ index: PickleGraph.Index) -> [Int]? {
    var elements = graph.tuple(index)
    // torch.Size((…)) is a call around a tuple.
    if elements == nil, case .call(let callable, let arguments, _, _) = graph[index],
      graph.global(callable) == "torch.Size", let inner = graph.tuple(arguments)?.first
    {
      elements = graph.tuple(inner)
    }
    guard let elements, elements.count <= 64 else { return nil }
    let numbers = elements.compactMap { graph.int($0) }
    return numbers.count == elements.count && numbers.allSatisfy { $0 >= 0 } ? numbers : nil
  }

  private func malformed(_ expected: String, _ found: String) -> TensorError {
    .malformed(file: file, expected: expected, found: found)
  }

  private func describe(_ index: PickleGraph.Index) -> String {
    switch graph[index] {
    case .none: "None"
    case .bool, .int, .float: "a number"
    case .text, .bytes: "text"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global(let module, let name): TensorError.quoted("\(module).\(name)")
    case .call(let callable, _, _, _):
      "an object of \(TensorError.quoted(graph.global(callable) ?? "something"))"
    case .external: "a reference to a storage"
    }
  }
}
