import Foundation
import Testing
import Training

@testable import Studies

/// The schema of training.yaml that editors use says what the decoder does.
@Suite struct TrainingSchemaTests {
  private typealias Object = [String: Any]

  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private var base: Object {
    [
      "name": "a", "model": ["layers": 2, "hidden_size": 32, "heads": 2],
      "data": ["text": "t.txt", "vocabulary": 512], "batch": ["sequences": 4, "length": 16],
      "steps": 100,
    ]
  }

  private func schema() throws -> Object {
    let file = Self.folder.appending(path: "assets/training.schema.json")
    return try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? Object)
  }

  private func properties(_ object: Any?) throws -> Object {
    try #require((object as? Object)?["properties"] as? Object)
  }

  /// What the decoder finds wrong in a recipe with `value` at `path` (`batch.length`, `steps`); JSON is YAML.
  private func findings(_ path: String, _ value: Any) throws -> [String] {
    var recipe = base
    let keys = path.split(separator: ".").map(String.init)
    if keys[0] == "intervention" {
      var own = value as? Object ?? [:]
      if keys.count > 1 { own = ["kind": "muon", keys[1]: value] }
      recipe["intervention"] = [own]
    } else if keys.count > 1 {
      var part = recipe[keys[0]] as? Object ?? [:]
      part[keys[1]] = value
      if path == "data.tokens" { part = [keys[1]: value] }
      recipe[keys[0]] = part
    } else {
      recipe[path] = value
    }
    let text = String(
      decoding: try JSONSerialization.data(withJSONObject: recipe), as: UTF8.self)
    do {
      _ = try TrainingDecoder.decode(text, file: "/s/training.yaml")
      return []
    } catch StudyError.invalid(_, let findings) {
      return findings.map(\.message)
    }
  }

  /// Whether a number is told to lie outside its range.
  private func isOutside(_ path: String, _ value: Any) throws -> Bool {
    let key = path.replacing("intervention.", with: "intervention[0].")
    return try findings(path, value).contains {
      $0.hasPrefix(key + ": must be at ")
        || $0.hasPrefix(key + ": expected ") && $0.contains(" to ")
    }
  }

  @Test func `the keys are the decoder's`() throws {
    let top = try properties(try schema())
    func known(_ path: String, _ value: Any) throws -> Set<String> {
      let found = try #require(
        try findings(path, value).first { $0.contains("unknown key; known: ") })
      let list = try #require(found.components(separatedBy: "known: ").last)
      return Set(list.components(separatedBy: ", "))
    }
    #expect(try known("zzzzzzzz", 1) == Set(top.keys))
    for key in ["model", "data", "batch", "optimiser", "schedule", "checkpoints"] {
      #expect(try known(key + ".zzzzzzzz", 1) == Set(try properties(top[key]).keys), "\(key)")
    }
    let items = (top["intervention"] as? Object)?["items"]
    #expect(try known("intervention.zzzzzzzz", 1) == Set(try properties(items).keys))
  }

  @Test func `what must be there is the decoder's`() throws {
    let schema = try schema()
    let required = try #require(schema["required"] as? [String])
    for key in TrainingDecoder.keys {
      var recipe = base
      recipe[key] = nil
      let data = try JSONSerialization.data(withJSONObject: recipe)
      let isWhole =
        (try? TrainingDecoder.decode(String(decoding: data, as: UTF8.self), file: "/s/t.yaml"))
        != nil
      #expect(isWhole == !required.contains(key), "\(key)")
    }
  }

  @Test func `the numbers' ranges are the decoder's`() throws {
    var checked = 0
    func check(_ path: String, _ property: Any) throws {
      guard let property = property as? Object else { return }
      let step = (property["type"] as? String) == "integer" ? 1.0 : 1e-4
      func value(_ number: Double) -> Any { step == 1 ? Int(number) as Any : number as Any }
      if let least = (property["minimum"] as? NSNumber)?.doubleValue {
        let below = step == 1 ? least - 1 : least - max(step, abs(least))
        #expect(try isOutside(path, value(below)), "\(path) \(below)")
        #expect(try !isOutside(path, value(least)), "\(path) \(least)")
        checked += 1
      }
      if let most = (property["maximum"] as? NSNumber)?.doubleValue {
        let above = step == 1 ? most + 1 : most * 1.001
        #expect(try isOutside(path, value(above)), "\(path) \(above)")
        #expect(try !isOutside(path, value(most)), "\(path) \(most)")
        checked += 1
      }
    }
    for (key, property) in try properties(try schema()) {
      try check(key, property)
      for (inner, property) in (property as? Object)?["properties"] as? Object ?? [:] {
        try check("\(key).\(inner)", property)
      }
    }
    #expect(checked >= 35)
  }

  @Test func `the words are the decoder's, and each kind has its strengths`() throws {
    let top = try properties(try schema())
    let item = try #require((top["intervention"] as? Object)?["items"] as? Object)
    let own = try properties(item)
    #expect(
      (own["kind"] as? Object)?["enum"] as? [String]
        == InterventionSettings.Kind.allCases.map(\.rawValue))
    let matrices = (own["matrices"] as? Object)?["items"] as? Object
    #expect(matrices?["enum"] as? [String] == BlockMatrix.Kind.allCases.map(\.rawValue))
    let order = try properties(top["data"])["order"] as? Object
    #expect(order?["enum"] as? [String] == TrainingRecipe.Data.Order.allCases.map(\.rawValue))
    let rules = try #require(item["allOf"] as? [Object])
    #expect(rules.count == InterventionSettings.Kind.allCases.count)
    for rule in rules {
      let kind = try properties(rule["if"])["kind"] as? Object
      let word = try #require(kind?["const"] as? String)
      let strength = try #require(try properties(rule["then"])["strength"] as? Object)
      let range = try #require(InterventionSettings.Kind(rawValue: word)).strengths
      #expect((strength["minimum"] as? NSNumber)?.doubleValue == range.lowerBound, "\(word)")
      #expect((strength["maximum"] as? NSNumber)?.doubleValue == range.upperBound, "\(word)")
    }
  }

  @Test func `the defaults are the decoder's`() throws {
    let file = "/s/training.yaml"
    let data = try JSONSerialization.data(withJSONObject: base)
    let recipe = try TrainingDecoder.decode(String(decoding: data, as: UTF8.self), file: file)
    let top = try properties(try schema())
    func number(_ key: String, _ inner: String) throws -> Double? {
      (try properties(top[key])[inner] as? Object)?["default"].flatMap { $0 as? NSNumber }?
        .doubleValue
    }
    #expect(try number("optimiser", "learning_rate") == recipe.optimiser.learningRate)
    #expect(try number("optimiser", "epsilon") == recipe.optimiser.epsilon)
    #expect(try number("optimiser", "weight_decay") == recipe.optimiser.weightDecay)
    #expect(try number("optimiser", "clip") == recipe.optimiser.clip)
    #expect(try number("schedule", "final_share") == recipe.schedule.finalShare)
    #expect(try number("batch", "accumulate") == Double(recipe.batch.accumulate))
    #expect(try number("data", "validation").map { .share($0) } == recipe.data.validation)
    let betas = try properties(top["optimiser"])["betas"] as? Object
    #expect(betas?["default"] as? [Double] == recipe.optimiser.betas)
    #expect(((top["log_every"] as? Object)?["default"] as? Int) == recipe.logEvery)
  }

  @Test func `the demo's recipes are valid`() throws {
    let folder = Self.folder.appending(path: "templates/demo")
    var count = 0
    for name in ["full", "quick"] {
      let files = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: name).path)
      for file in files where file.hasPrefix("d") {
        _ = try TrainingDecoder.decode(file: folder.appending(path: "\(name)/\(file)").path)
        count += 1
      }
    }
    #expect(count == 6)
  }
}
