import Yams

/// A place in a YAML document that is read strictly: what is wrong is noted with its line, and
/// reading goes on, so that all mistakes come at once.
struct YAMLCursor {
  /// The findings of one document.
  final class Notes {
    var findings: [StudyFinding] = []
  }

  let node: Node
  /// The keys that lead here, such as `runs[1].steps`.
  let path: String
  let notes: Notes

  var line: Int { node.mark?.line ?? 1 }

  /// The places of this node and all below it, by path.
  func places() -> [String: Study.Place] {
    var places: [String: Study.Place] = [:]
    if let mark = node.mark {
      places[path] = Study.Place(line: mark.line, column: mark.column)
    }
    let children: [YAMLCursor]
    switch node {
    case .mapping(let mapping):
      children = mapping.compactMap { key, value in
        key.scalar.map {
          YAMLCursor(
            node: value, path: path.isEmpty ? $0.string : "\(path).\($0.string)", notes: notes)
        }
      }
    case .sequence(let sequence):
      children = sequence.enumerated().map {
        YAMLCursor(node: $1, path: "\(path)[\($0)]", notes: notes)
      }
    case .scalar, .alias: children = []
    }
    for child in children { places.merge(child.places()) { first, _ in first } }
    return places
  }

  func note(_ message: String) {
    notes.findings.append(
      StudyFinding(
        line: node.mark?.line, column: node.mark?.column,
        path.isEmpty ? message : "\(path): \(message)"))
  }

  /// The entries of a mapping by key, after unknown keys were noted; `nil` if it is none.
  func mapping(_ known: [String]) -> [String: YAMLCursor]? {
    guard case .mapping(let mapping) = node else {
      note("expected keys (\(known.joined(separator: ", "))), found \(kind)")
      return nil
    }
    var entries: [String: YAMLCursor] = [:]
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        YAMLCursor(node: key, path: path, notes: notes).note("a key must be a plain word")
        continue
      }
      let child = path.isEmpty ? name : "\(path).\(name)"
      guard known.contains(name) else {
        let near = Spelling.nearest(name, among: known)
        YAMLCursor(node: key, path: child, notes: notes).note(
          near.map { "unknown key; did you mean \($0)?" }
            ?? "unknown key; known: \(known.joined(separator: ", "))")
        continue
      }
      entries[name] = YAMLCursor(node: value, path: child, notes: notes)
    }
    return entries
  }

  /// The entries of a mapping whose keys are names of the user's own, in the order of the file.
  func anyMapping() -> [(name: String, value: YAMLCursor)]? {
    guard case .mapping(let mapping) = node else {
      note("expected names with what belongs to them, found \(kind)")
      return nil
    }
    return mapping.compactMap { key, value in
      let cursor = YAMLCursor(
        node: key, path: path + (key.scalar.map { ".\($0.string)" } ?? ""), notes: notes)
      return cursor.name().map { ($0, YAMLCursor(node: value, path: cursor.path, notes: notes)) }
    }
  }

  /// The elements of a list; a single scalar or mapping is noted as a mistake.
  func list() -> [YAMLCursor]? {
    guard case .sequence(let sequence) = node else {
      note("expected a list, found \(kind); write [\(node.scalar?.string ?? "…")]")
      return nil
    }
    return sequence.enumerated().map {
      YAMLCursor(node: $1, path: "\(path)[\($0)]", notes: notes)
    }
  }

  /// A scalar's text as written; a number is text too, so that a run may be called 70.
  func text() -> String? {
    guard let scalar = node.scalar, node.null == nil else {
      note("expected text, found \(kind)")
      return nil
    }
    guard !scalar.string.isEmpty else {
      note("must not be empty")
      return nil
    }
    return scalar.string
  }

  func integer(atLeast minimum: Int = 0) -> Int? {
    guard let scalar = node.scalar, let value = node.int, scalar.style == .plain else {
      note("expected a whole number, found \(kind)")
      return nil
    }
    guard value >= minimum else {
      note("must be at least \(minimum), found \(value)")
      return nil
    }
    return value
  }

  func boolean() -> Bool? {
    guard let value = node.bool else {
      note("expected true or false, found \(kind)")
      return nil
    }
    return value
  }

  /// One of `known` words.
  func word(_ known: [String]) -> String? {
    guard let word = text() else { return nil }
    guard known.contains(word) else {
      let near = Spelling.nearest(word, among: known).map { "; did you mean \($0)?" }
      note("\(Spelling.quoted(word)) is not one of \(known.joined(separator: ", "))\(near ?? "")")
      return nil
    }
    return word
  }

  /// What stands here, for messages.
  var kind: String {
    switch node {
    case .scalar(let scalar):
      node.null != nil ? "nothing" : Spelling.quoted(scalar.string)
    case .mapping: "keys and values"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
