import Files

extension Claim {
  /// `results/claims.json`: a list of claims, one a line, keys in a fixed order.
  package static func json(_ claims: [Claim]) -> String {
    guard !claims.isEmpty else { return "[]\n" }
    return "[\n" + claims.map(\.json).joined(separator: ",\n") + "\n]\n"
  }

  private var json: String {
    var object = JSONObject()
    object.add("id", .word(id.rawValue))
    object.add("question", .word(question))
    object.add("verdict", .word(verdict.rawValue))
    object.add("effect", .number(effect))
    object.add("lower", .number(lower))
    object.add("upper", .number(upper))
    object.add("n", .integer(n))
    object.add("counts", .word(counts))
    object.add("rule", .word(rule))
    object.add("figure", .word(figure))
    object.add("probe", .word(probe))
    object.add("estimator", .word(estimator))
    object.add("layout", .word(layout))
    object.add("rows", .word(rows))
    object.add("sentence", .word(sentence))
    object.add("would_change", .word(wouldChange))
    object.addList("needs", needs.map { JSONObject.text($0) })
    object.addList("notes", notes.map { JSONObject.text($0) })
    object.addList("evidence", evidence.map(\.json))
    var map = JSONObject()
    for entry in sensitivity { map.addRaw(entry.key, entry.json) }
    object.addRaw("sensitivity", map.text)
    if let condition = breakCondition { object.addRaw("break_condition", condition.json) }
    return object.text
  }
}

extension EvidenceCell {
  fileprivate var json: String {
    var object = JSONObject()
    object.add("component", .word(component))
    object.add("object", .word(self.object))
    object.add("measure", .word(measure))
    object.add("verdict", .word(verdict.rawValue))
    object.add("effect", .number(effect))
    object.add("lower", .number(lower))
    object.add("upper", .number(upper))
    object.add("n", .integer(n))
    object.add("q", .number(q))
    object.add("metric", .word(metric))
    object.add("variant", .word(variant))
    object.add("window", .word(window.rawValue))
    object.add("detail", .word(detail))
    if !ground.isEmpty {
      object.add("arm", .word(arm))
      object.add("ground", .word(ground))
    }
    object.add("decides", .flag(decides))
    object.addList("needs", needs.map { JSONObject.text($0) })
    object.addList(
      "points",
      points.map { point in
        var one = JSONObject()
        one.add("runs", .word(point.label))
        one.add("x", .number(point.x))
        one.add("y", .number(point.y))
        one.add("layers", .integer(point.n))
        return one.text
      })
    return object.text
  }
}

extension SensitivityEntry {
  fileprivate var json: String {
    var object = JSONObject()
    object.add("verdict", .word(verdict.rawValue))
    object.add("effect", .number(effect))
    object.add("lower", .number(lower))
    object.add("upper", .number(upper))
    object.add("n", .integer(n))
    object.add("note", .word(note))
    return object.text
  }
}

extension BreakCondition {
  fileprivate var json: String {
    var object = JSONObject()
    object.add("mechanism", .word(mechanism))
    object.add("breaks_if", .word(breaksIf))
    object.add("outcome", .word(outcome.rawValue))
    object.add("sentence", .word(sentence))
    return object.text
  }
}

/// A JSON object whose keys stay in the order in which they were added.
struct JSONObject {
  private var content = ""

  var text: String { "{" + content + "}" }

  mutating func add(_ key: String, _ cell: TableCell) {
    var value = ""
    cell.appendJSON(to: &value)
    addRaw(key, value)
  }

  mutating func addList(_ key: String, _ values: [String]) {
    addRaw(key, "[" + values.joined(separator: ",") + "]")
  }

  /// `value` is JSON already.
  mutating func addRaw(_ key: String, _ value: String) {
    if !content.isEmpty { content += "," }
    JSONString.append(key, to: &content)
    content += ":" + value
  }

  static func text(_ string: String) -> String { JSONString.quoted(string) }
}
