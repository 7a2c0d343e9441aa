/// What a pickle describes, as inert data: nothing in it is ever looked up, imported or called.
///
/// Nodes refer to each other by index, so that shared and cyclic structures cost nothing and are
/// never walked as a whole.
struct PickleGraph {
  typealias Index = Int

  enum Node {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case text(String)
    case bytes([UInt8])
    case tuple([Index])
    case list([Index])
    case dictionary([(key: Index, value: Index)])
    /// The name of something in a Python module.
    indirect case global(module: String, name: String)
    /// What calling `callable` would give, never called; entries and state that were set on it.
    indirect case call(
      callable: Index, arguments: Index, entries: [(key: Index, value: Index)], state: Index?)
    /// A reference to something outside the pickle, such as a storage.
    case external(Index)
  }

  /// None, True, False and the empty tuple, then the numbers of one byte: nothing changes them, so one
  /// node each serves all.
  var nodes: [Node] =
    [.none, .bool(true), .bool(false), .tuple([])] + (0...255).map { Node.int($0) }

  static let none = 0
  static let `true` = 1
  static let `false` = 2
  static let emptyTuple = 3
  /// The number of one byte.
  static func small(_ number: Int) -> Index { 4 + number }

  /// The node that the pickle stands for.
  var root: Index = 0

  subscript(index: Index) -> Node { nodes[index] }

  func text(_ index: Index) -> String? {
    if case .text(let text) = nodes[index] { text } else { nil }
  }

  func int(_ index: Index) -> Int? {
    if case .int(let value) = nodes[index] { value } else { nil }
  }

  func tuple(_ index: Index) -> [Index]? {
    if case .tuple(let elements) = nodes[index] { elements } else { nil }
  }

  func list(_ index: Index) -> [Index]? {
    switch nodes[index] {
    case .list(let elements), .tuple(let elements): elements
    default: nil
    }
  }

  /// The full name of a global; `nil` for anything else, an index outside included.
  func global(_ index: Index) -> String? {
    guard nodes.indices.contains(index) else { return nil }
    guard case .global(let module, let name) = nodes[index] else { return nil }
    return "\(module).\(name)"
  }

  /// The entries of a dictionary, an OrderedDict included; `nil` for anything else.
  func entries(_ index: Index) -> [(key: Index, value: Index)]? {
    switch nodes[index] {
    case .dictionary(let entries): return entries
    case .call(let callable, _, let entries, _):
      return global(callable) == "collections.OrderedDict" ? entries : nil
    default: return nil
    }
  }

  /// The names of all globals, each once, in the order of the file.
  var globals: [String] {
    var seen: Set<String> = []
    return nodes.indices.compactMap { global($0) }.filter { seen.insert($0).inserted }
  }
}
