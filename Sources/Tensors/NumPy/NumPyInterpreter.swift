/// Reads NumPy arrays and scalars off the graph of a pickle.
struct NumPyInterpreter {
  let graph: PickleGraph
  let file: String
  /// Elements that may still be built. An element takes at least one byte of the pickle, unless
  /// references are used to multiply it.
  private var budget: Int
  private var entries: [PickledArrays.Entry] = []
  private var names: Set<[UInt8]> = []

  static let deepestNesting = 8

  init(graph: PickleGraph, file: String, budget: Int) {
    self.graph = graph
    self.file = file
    self.budget = budget + 1024
  }

  /// The arrays of the dictionary that the pickle is.
  mutating func dictionary() throws(TensorError) -> [PickledArrays.Entry] {
    guard graph.entries(graph.root) != nil else {
      throw .malformed(
        file: file, expected: "a dictionary of arrays", found: "something else\(foreign)")
    }
    try add(graph.root, name: "", depth: 0)
    return entries
  }

  private mutating func add(
    _ index: PickleGraph.Index, name: String, depth: Int
  ) throws(TensorError) {
    guard depth <= Self.deepestNesting else {
      throw malformed(name, "nesting of at most \(Self.deepestNesting)", "more")
    }
    // Empty containers count too: eight levels of references would make 10⁸ visits of a few bytes.
    try spend(1, name)
    if let members = graph.entries(index) {
      for member in members {
        let key: String
        switch graph[member.key] {
        case .text(let text): key = text
        case .int(let number): key = String(number)
        default: throw malformed(name, "text or a number as key", "something else")
        }
        try add(member.value, name: depth == 0 ? key : name + "/" + key, depth: depth + 1)
      }
      return
    }
    if let array = try array(index, name: name) {
      return try append(name, array.shape, array.values)
    }
    if let number = try number(index, name: name) { return try append(name, [], [number]) }
    guard let items = graph.list(index) else {
      throw malformed(name, "an array, a number or a list of them", "something else\(foreign)")
    }
    var values: [Double] = []
    for item in items {
      guard let value = try number(item, name: name) else {
        // A list of arrays, one an item.
        for (place, item) in items.enumerated() {
          try add(item, name: "\(name)/\(place)", depth: depth + 1)
        }
        return
      }
      values.append(value)
    }
    try append(name, [values.count], values)
  }

  private mutating func append(
    _ name: String, _ shape: [Int], _ values: [Double]
  ) throws(TensorError) {
    // The name counts as well: paths of nested keys could be multiplied by references too.
    try spend(values.count + name.utf8.count / 8, name)
    guard names.insert(Array(name.utf8)).inserted else {
      throw malformed(name, "each name once", "it twice")
    }
    entries.append(PickledArrays.Entry(name: name, shape: shape, values: values))
  }

  private mutating func spend(_ elements: Int, _ name: String) throws(TensorError) {
    budget -= elements
    guard budget >= 0 else {
      throw malformed(name, "no more elements than the pickle has bytes", "more, by references")
    }
  }

  // MARK: Values

  /// A Python number or a NumPy scalar; `nil` if it is neither.
  private func number(
    _ index: PickleGraph.Index, name: String
  ) throws(TensorError) -> Double? {
    switch graph[index] {
    case .int(let value): return Double(value)
    case .float(let value): return value
    case .bool(let value): return value ? 1 : 0
    case .call(let callable, let argumentsIndex, _, _):
      guard let function = Self.function(graph.global(callable)), function == .scalar,
        let arguments = graph.tuple(argumentsIndex), arguments.count == 2
      else { return nil }
      let type = try elementType(arguments[0], name: name)
      let values = try elements(arguments[1], type, count: 1, name: name)
      return values[0]
    default: return nil
    }
  }

  /// A NumPy array; `nil` if it is none.
  private func array(
    _ index: PickleGraph.Index, name: String
  ) throws(TensorError) -> (shape: [Int], values: [Double])? {
    guard case .call(let callable, let argumentsIndex, _, let state) = graph[index],
      let function = Self.function(graph.global(callable)),
      let arguments = graph.tuple(argumentsIndex)
    else { return nil }
    let parts: (shape: Int, type: Int, data: Int, isColumnMajor: Bool)
    switch function {
    case .reconstruct:
      // __setstate__((version, shape, dtype, is_fortran, data))
      guard let state, let fields = graph.tuple(state), fields.count == 5,
        graph.global(arguments.first ?? -1) == "numpy.ndarray",
        case .bool(let isColumnMajor) = graph[fields[3]]
      else { throw malformed(name, "the state of an array", "something else") }
      parts = (fields[1], fields[2], fields[4], isColumnMajor)
    case .fromBuffer:
      guard arguments.count == 4, let order = graph.text(arguments[3]) else {
        throw malformed(name, "an array from a buffer", "other arguments")
      }
      parts = (arguments[2], arguments[1], arguments[0], order == "F")
    case .scalar: return nil
    }
    guard let dimensions = graph.tuple(parts.shape), dimensions.count <= 64 else {
      throw malformed(name, "a shape", "something else")
    }
    let shape = dimensions.compactMap { graph.int($0) }
    guard shape.count == dimensions.count, shape.allSatisfy({ $0 >= 0 }),
      let count = CheckedProduct.of(shape)
    else { throw malformed(name, "a shape of whole numbers", "another") }
    let type = try elementType(parts.type, name: name)
    let stored = try elements(parts.data, type, count: count, name: name)
    return (shape, parts.isColumnMajor ? ArrayOrder.rowMajor(stored, shape: shape) : stored)
  }

  /// The type that `numpy.dtype("f8", …)` with its state describes.
  private func elementType(
    _ index: PickleGraph.Index, name: String
  ) throws(TensorError) -> NumPyFile.ElementType {
    guard case .call(let callable, let argumentsIndex, _, let state) = graph[index],
      graph.global(callable) == "numpy.dtype",
      let code = graph.tuple(argumentsIndex)?.first.flatMap({ graph.text($0) })
    else { throw malformed(name, "a numpy.dtype", "something else") }
    // __setstate__((version, byte order, …))
    let order = state.flatMap { graph.tuple($0) }.flatMap { $0.count > 1 ? graph.text($0[1]) : nil }
    do {
      return try NumPyHeader.type((order ?? "=") + code)
    } catch {
      throw malformed(name, error.expected, error.found)
    }
  }

  private func elements(
    _ index: PickleGraph.Index, _ type: NumPyFile.ElementType, count: Int, name: String
  ) throws(TensorError) -> [Double] {
    let bytes: [UInt8]
    switch graph[index] {
    case .bytes(let stored): bytes = stored
    case .call(let callable, let argumentsIndex, _, _):
      // Protocol 2 has no bytes: _codecs.encode(text, "latin1"), or bytes() for none.
      let arguments = graph.tuple(argumentsIndex)
      if ["__builtin__.bytes", "builtins.bytes"].contains(graph.global(callable)),
        arguments?.isEmpty == true
      {
        bytes = []
        break
      }
      guard graph.global(callable) == "_codecs.encode", let arguments, arguments.count == 2,
        graph.text(arguments[1]) == "latin1", let text = graph.text(arguments[0])
      else { throw malformed(name, "bytes", "something else") }
      var decoded: [UInt8] = []
      for scalar in text.unicodeScalars {
        guard let byte = UInt8(exactly: scalar.value) else {
          throw malformed(name, "bytes as Latin-1", "other characters")
        }
        decoded.append(byte)
      }
      bytes = decoded
    default: throw malformed(name, "bytes", "something else")
    }
    guard CheckedProduct.of([count, type.size]) == bytes.count else {
      throw malformed(
        name, "\(count) elements of \(type.size) bytes", "\(bytes.count) bytes")
    }
    return type.doubles(bytes)
  }

  // MARK: Names

  private enum Function { case scalar, reconstruct, fromBuffer }

  /// NumPy 1 and 2 keep the same functions under two names.
  private static func function(_ global: String?) -> Function? {
    switch global {
    case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar": .scalar
    case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct": .reconstruct
    case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer": .fromBuffer
    default: nil
    }
  }

  /// All names in the pickle that are not understood.
  private var foreign: String {
    let names = graph.globals.filter {
      Self.function($0) == nil
        && ![
          "numpy.ndarray", "numpy.dtype", "_codecs.encode", "collections.OrderedDict",
          "__builtin__.bytes", "builtins.bytes",
        ].contains($0)
    }
    guard !names.isEmpty else { return "" }
    return "; objects of \(names.map(TensorError.quoted).joined(separator: ", ")) are never built"
  }

  private func malformed(_ name: String, _ expected: String, _ found: String) -> TensorError {
    .malformedTensor(file: file, tensor: name, expected: expected, found: found)
  }
}
