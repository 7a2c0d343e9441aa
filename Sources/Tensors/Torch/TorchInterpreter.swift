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

  init(graph: PickleGraph, records: [String: ZipArchive.Entry], file: String) {
    self.graph = graph
    self.records = records
    self.file = file
  }

  /// Names under which training programs keep the state dictionary within a larger one.
  static let wrappers = ["state_dict", "model_state_dict", "model", "module"]

  /// The tensors of the dictionary that the pickle is, or of the one that it wraps, in order of data.
  mutating func stateDictionary() throws(TensorError) -> [TensorDescription] {
    guard var entries = graph.entries(graph.root) else {
      throw malformed("a dictionary of tensors", describe(graph.root))
    }
    for wrapper in Self.wrappers {
      guard let entry = entries.first(where: { graph.text($0.key) == wrapper }),
        let inner = graph.entries(entry.value)
      else { continue }
      entries = inner
      break
    }
    guard entries.count <= TensorFile.mostTensors else {
      throw malformed("at most \(TensorFile.mostTensors) tensors", "\(entries.count)")
    }
    var tensors: [TensorDescription] = []
    var places: [[UInt8]: Int] = [:]
    for entry in entries {
      guard let name = graph.text(entry.key), let tensor = try tensor(entry.value, name: name)
      else {
        continue
      }
      // As in Python, the last of two equal keys holds; torch never writes a key twice.
      guard places.updateValue(tensors.count, forKey: Array(name.utf8)) == nil else {
        throw malformed("different names", "\(TensorError.quoted(name)) twice")
      }
      tensors.append(tensor)
    }
    guard !tensors.isEmpty else {
      let foreign = graph.globals.filter { !Self.isKnown($0) }
      throw malformed(
        "a dictionary of tensors",
        foreign.isEmpty
          ? "none in it"
          : "objects of \(foreign.map(TensorError.quoted).joined(separator: ", ")), which are "
            + "never built; save model.state_dict() alone")
    }
    return tensors
  }

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
    let storage = try self.storage(arguments[0], name: name)
    let size = storage.type.bits / 8
    guard let count = CheckedProduct.of(shape),
      let last = lastElement(shape, strides, offset: offset)
    else { throw malformed("a shape that can be addressed", "\(shape), strides \(strides)") }
    guard count == 0 || last < storage.count else {
      throw malformed(
        "elements within the storage's \(storage.count)", "element \(last) of it")
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
  ) throws(TensorError) -> (type: DataType, count: Int, entry: ZipArchive.Entry) {
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
    return (type, count, entry)
  }

  static let storageTypes: [String: DataType] = [
    "torch.FloatStorage": .float32, "torch.HalfStorage": .float16,
    "torch.BFloat16Storage": .bfloat16, "torch.DoubleStorage": .float64,
    "torch.LongStorage": .int64, "torch.IntStorage": .int32, "torch.ShortStorage": .int16,
    "torch.CharStorage": .int8, "torch.ByteStorage": .uint8, "torch.BoolStorage": .bool,
  ]

  /// Names that files of tensors hold and that mean no harm.
  static func isKnown(_ global: String) -> Bool {
    storageTypes[global] != nil || global.hasPrefix("torch._utils._rebuild_")
      || ["collections.OrderedDict", "torch.Size", "torch.nn.parameter.Parameter", "torch.device"]
        .contains(global)
  }

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
