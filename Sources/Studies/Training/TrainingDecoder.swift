import Foundation
package import Training
import Yams

/// Reads `training.yaml` as strictly as a study: every mistake comes at once, with line and column.
package struct TrainingDecoder {
  private let folder: String

  static let keys = [
    "name", "model", "data", "batch", "optimiser", "schedule", "steps", "seed", "checkpoints",
    "log_every", "intervention", "output",
  ]

  /// The recipe in `file`, or every mistake in it as `StudyError.invalid`.
  package static func decode(file: String) throws -> TrainingRecipe {
    let (path, text) = try StudyDecoder.text(of: file)
    return try decode(text, file: path, shownAs: file)
  }

  /// The recipe in `text`; `file` is where it would stand, and paths are relative to its folder.
  package static func decode(
    _ text: String, file: String, shownAs: String? = nil
  ) throws -> TrainingRecipe {
    let shown = shownAs ?? file
    let notes = YAMLCursor.Notes()
    let root = try StudyDecoder.root(
      of: text, shownAs: shown, notes: notes,
      ifEmpty: "is empty; the guide's page on training shows one")
    let decoder = TrainingDecoder(
      folder: URL(fileURLWithPath: file).deletingLastPathComponent().path)
    guard let recipe = root.flatMap(decoder.recipe), notes.findings.isEmpty else {
      throw StudyError.invalid(file: shown, StudyDecoder.inOrder(notes.findings))
    }
    return recipe
  }

  private func recipe(_ root: YAMLCursor) -> TrainingRecipe? {
    guard let entries = root.mapping(Self.keys) else { return nil }
    let name = root.required("name", of: entries)?.name()
    let model = root.required("model", of: entries).flatMap(self.model)
    let data = root.required("data", of: entries).flatMap(self.data)
    let batch = root.required("batch", of: entries).flatMap(self.batch)
    let steps = root.required("steps", of: entries)?.integer(atLeast: 1)
    let limited = steps.map { min($0, 1 << 32) }
    let output = entries["output"]?.text() ?? name ?? ""
    let total = limited ?? 1
    var recipe = TrainingRecipe(
      name: name ?? "",
      model: model ?? .checkpoint(folder: ""), data: data ?? .init(source: .tokens(path: "")),
      batch: batch ?? .init(sequences: 1, length: 2), steps: total,
      checkpoints: .init(every: max(1, min(1000, total / 10))), output: resolve(output))
    recipe.schedule.warmup = total / 100
    entries["optimiser"].map { optimiser($0, &recipe.optimiser) }
    entries["schedule"].map { schedule($0, &recipe) }
    entries["checkpoints"].map { checkpoints($0, &recipe) }
    if let seed = entries["seed"]?.integer() { recipe.seed = UInt64(seed) }
    if let every = entries["log_every"]?.integer(atLeast: 1) { recipe.logEvery = every }
    if let cursor = entries["intervention"] {
      recipe.interventions = interventions(cursor)
      check(recipe, cursor)
    }
    guard name != nil, model != nil, data != nil, batch != nil, steps != nil else { return nil }
    return recipe
  }

  private func model(_ cursor: YAMLCursor) -> TrainingRecipe.Model? {
    let keys = [
      "layers", "hidden_size", "heads", "intermediate_size", "vocabulary", "context", "rotary_pct",
      "from",
    ]
    guard let entries = cursor.mapping(keys) else { return nil }
    if let from = entries["from"] {
      for stranger in entries.keys.filter({ $0 != "from" }).sorted() {
        entries[stranger]?.note("does not go with `from:`, whose config.json says it")
      }
      return from.text().map { .checkpoint(folder: resolve($0)) }
    }
    guard let layers = cursor.required("layers", of: entries)?.integer(in: 1...1000),
      let hidden = cursor.required("hidden_size", of: entries)?.integer(in: 2...65_536),
      let headsCursor = cursor.required("heads", of: entries),
      let heads = headsCursor.integer(in: 1...4096)
    else { return nil }
    guard hidden.isMultiple(of: heads) else {
      headsCursor.note("\(heads) heads do not divide hidden_size \(hidden)")
      return nil
    }
    var shape = TrainingRecipe.Shape(layers: layers, hiddenSize: hidden, heads: heads)
    shape.intermediateSize = entries["intermediate_size"]?.integer(in: 1...1_000_000)
    shape.vocabulary = entries["vocabulary"]?.integer(in: 2...10_000_000)
    shape.context = entries["context"]?.integer(in: 2...1_000_000)
    if let share = entries["rotary_pct"]?.number(in: 0.001...1) { shape.rotaryShare = share }
    return .new(shape)
  }

  private func data(_ cursor: YAMLCursor) -> TrainingRecipe.Data? {
    let keys = ["text", "tokenizer", "vocabulary", "tokens", "validation", "order"]
    guard let entries = cursor.mapping(keys) else { return nil }
    var data: TrainingRecipe.Data
    switch (entries["text"], entries["tokens"]) {
    case (let text?, nil):
      guard let path = text.text().map(resolve) else { return nil }
      switch (entries["tokenizer"], entries["vocabulary"]) {
      case (let tokenizer?, nil):
        guard let file = tokenizer.text().map(resolve) else { return nil }
        data = .init(source: .text(path: path, .tokenizer(path: file)))
      case (nil, let vocabulary?):
        guard let size = vocabulary.integer(in: 257...1_000_000) else { return nil }
        data = .init(source: .text(path: path, .trained(vocabulary: size)))
      default:
        cursor.note(
          "a text needs either `tokenizer: FILE` or `vocabulary: N`, the entries of a tokenizer that is "
            + "trained on it")
        return nil
      }
    case (nil, let tokens?):
      for stranger in ["tokenizer", "vocabulary"] {
        entries[stranger]?.note("does not go with `tokens:`")
      }
      guard let path = tokens.text().map(resolve) else { return nil }
      data = .init(source: .tokens(path: path))
    default:
      cursor.note("needs either `text: FILE` or `tokens: FILE.npy`")
      return nil
    }
    if let order = entries["order"]?.word(TrainingRecipe.Data.Order.allCases.map(\.rawValue)) {
      data.order = .init(rawValue: order) ?? .shuffled
    }
    if let validation = entries["validation"] {
      if validation.isNumber {
        if let share = validation.number(in: 0...0.9) { data.validation = .share(share) }
      } else if let path = validation.text() {
        data.validation = .file(resolve(path))
      }
    }
    return data
  }

  private func batch(_ cursor: YAMLCursor) -> TrainingRecipe.Batch? {
    guard let entries = cursor.mapping(["sequences", "length", "accumulate"]),
      let sequences = cursor.required("sequences", of: entries)?.integer(in: 1...1_000_000),
      let length = cursor.required("length", of: entries)?.integer(in: 2...1_000_000)
    else { return nil }
    return .init(
      sequences: sequences, length: length,
      accumulate: entries["accumulate"]?.integer(in: 1...1_000_000) ?? 1)
  }

  private func optimiser(_ cursor: YAMLCursor, _ optimiser: inout TrainingRecipe.Optimiser) {
    let keys = ["learning_rate", "betas", "epsilon", "weight_decay", "clip"]
    guard let entries = cursor.mapping(keys) else { return }
    if let rate = entries["learning_rate"]?.number(in: 1e-12...10) { optimiser.learningRate = rate }
    if let betas = entries["betas"] {
      let values = betas.list()?.compactMap { $0.number(in: 0...0.999_999) }
      if let values, values.count == 2 {
        optimiser.betas = values
      } else if values != nil {
        betas.note("expected two numbers from 0 to below 1, such as [0.9, 0.95]")
      }
    }
    if let epsilon = entries["epsilon"]?.number(in: 1e-30...1) { optimiser.epsilon = epsilon }
    if let decay = entries["weight_decay"]?.number(in: 0...10) { optimiser.weightDecay = decay }
    if let clip = entries["clip"]?.number(in: 0...1e6) { optimiser.clip = clip }
  }

  private func schedule(_ cursor: YAMLCursor, _ recipe: inout TrainingRecipe) {
    guard let entries = cursor.mapping(["warmup", "final_share"]) else { return }
    if let warmup = entries["warmup"]?.integer() {
      recipe.schedule.warmup = warmup
      if warmup > recipe.steps {
        entries["warmup"]?.note(
          "\(warmup) steps of warm-up are more than the \(recipe.steps) steps")
      }
    }
    if let share = entries["final_share"]?.number(in: 0...1) { recipe.schedule.finalShare = share }
  }

  private func checkpoints(_ cursor: YAMLCursor, _ recipe: inout TrainingRecipe) {
    guard let entries = cursor.mapping(["every", "log_spaced", "steps"]) else { return }
    if let every = entries["every"]?.integer(atLeast: 1) { recipe.checkpoints.every = every }
    if let spaced = entries["log_spaced"]?.boolean() { recipe.checkpoints.logSpaced = spaced }
    for element in entries["steps"]?.list() ?? [] {
      guard let step = element.integer() else { continue }
      if step > recipe.steps {
        element.note("step \(step) is beyond the last, \(recipe.steps)")
      } else {
        recipe.checkpoints.steps.append(step)
      }
    }
  }

  /// The interventions in a list, of a recipe or of a study's arm.
  func interventions(_ cursor: YAMLCursor) -> [InterventionSettings] {
    (cursor.list() ?? []).compactMap(intervention)
  }

  init(folder: String) { self.folder = folder }

  private func intervention(_ cursor: YAMLCursor) -> InterventionSettings? {
    guard let entries = cursor.mapping(["kind", "strength", "layers", "start", "matrices"]),
      let word = cursor.required("kind", of: entries)?.word(
        InterventionSettings.Kind.allCases.map(\.rawValue)),
      let kind = InterventionSettings.Kind(rawValue: word)
    else { return nil }
    var settings = InterventionSettings(kind: kind)
    if let strength = entries["strength"]?.number(in: kind.strengths, of: kind.strengthWords) {
      settings.strength = strength
    }
    if let layers = entries["layers"] {
      let values = layers.list()?.compactMap { $0.integer(in: 0...1000) }
      if let values, values.count == 2, values[0] <= values[1] {
        settings.layers = values[0]...values[1]
      } else if values != nil {
        layers.note("expected the first and the last layer, such as [0, 3]")
      }
    }
    if let start = entries["start"]?.integer() {
      settings.start = start
      if kind.isInitialisation, start > 0 {
        entries["start"]?.note("\(word) belongs to step 0; spectral_flattening can start later")
      }
    }
    if let matrices = entries["matrices"]?.list() {
      let kinds = matrices.compactMap { $0.word(BlockMatrix.Kind.allCases.map(\.rawValue)) }
      if matrices.isEmpty { entries["matrices"]?.note("is empty; leave it out for all four") }
      settings.matrices = Set(kinds.compactMap(BlockMatrix.Kind.init))
    }
    return settings
  }

  /// What of the interventions does not go with the recipe or with each other.
  func check(_ recipe: TrainingRecipe, _ cursor: YAMLCursor) {
    for intervention in recipe.interventions {
      let kind = intervention.kind.rawValue
      if intervention.start >= recipe.steps {
        cursor.note("\(kind) starts at step \(intervention.start), the last is \(recipe.steps)")
      }
      if case .new(let shape) = recipe.model, let layers = intervention.layers,
        layers.upperBound >= shape.layers
      {
        cursor.note(
          "\(kind): layer \(layers.upperBound) of a model with layers 0 to \(shape.layers - 1)")
      }
    }
    let changing: Set<InterventionSettings.Kind> = [
      .orthogonalInitialisation, .spectralFlattening, .spectralSharpening,
    ]
    let kinds = recipe.interventions.map(\.kind)
    if kinds.contains(.lowRank), let other = kinds.first(where: changing.contains) {
      cursor.note("low_rank and \(other.rawValue) change the same weights; take one of them")
    }
    if kinds.count(where: { $0 == .lowRank }) > 1 {
      cursor.note("low_rank stands here twice; matrices are factorised once")
    }
  }

  private func resolve(_ path: String) -> String {
    URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: folder + "/")).standardizedFileURL
      .path
  }
}

extension YAMLCursor {
  /// Whether a number stands here, unquoted.
  var isNumber: Bool { node.scalar?.style == .plain && node.float != nil }

  func integer(in range: ClosedRange<Int>) -> Int? {
    guard let value = integer(atLeast: range.lowerBound) else { return nil }
    guard value <= range.upperBound else {
      note("must be at most \(range.upperBound), found \(value)")
      return nil
    }
    return value
  }

  /// - what: what the number is, for the message.
  func number(in range: ClosedRange<Double>, of what: String? = nil) -> Double? {
    guard isNumber, let value = node.float else {
      note("expected a number, found \(kind)")
      return nil
    }
    guard range.contains(value) else {
      let words = what.map { " (\($0))" } ?? ""
      note("expected \(range.lowerBound) to \(range.upperBound)\(words), found \(value)")
      return nil
    }
    return value
  }
}
