import Foundation
package import Training
import Yams

/// Reads `training.yaml` as strictly as a study: every mistake comes at once, with line and column.
package struct TrainingDecoder {
  private let folder: String
  /// Whether the files and folders that the recipe names have to be there: not for one that is trained.
  private let needsFiles: Bool

  init(folder: String, needsFiles: Bool = false) {
    self.folder = folder
    self.needsFiles = needsFiles
  }

  static let keys = [
    "name", "model", "data", "batch", "optimiser", "schedule", "steps", "seed", "checkpoints",
    "log_every", "intervention", "output",
  ]

  /// Whether `file` is a study rather than a recipe: it has one of the keys that only a study has.
  package static func isStudy(_ file: String) throws -> Bool {
    let (_, text) = try StudyDecoder.text(of: file)
    let root = try StudyDecoder.root(
      of: text, shownAs: file, notes: YAMLCursor.Notes(), ifEmpty: "is empty")
    guard case .mapping(let mapping)? = root?.node else { return false }
    return mapping.keys.contains { ["training", "runs", "probes"].contains($0.scalar?.string) }
  }

  /// The recipe in `file`, or every mistake in it as `StudyError.invalid`; with `needsFiles` a missing
  /// text, tokenizer, array or checkpoint is one.
  package static func decode(file: String, needsFiles: Bool = false) throws -> TrainingRecipe {
    let (path, text) = try StudyDecoder.text(of: file)
    return try decode(text, file: path, shownAs: file, needsFiles: needsFiles)
  }

  /// The recipe in `text`; `file` is where it would stand, and paths are relative to its folder.
  package static func decode(
    _ text: String, file: String, shownAs: String? = nil, needsFiles: Bool = false
  ) throws -> TrainingRecipe {
    let shown = shownAs ?? file
    let notes = YAMLCursor.Notes()
    let root = try StudyDecoder.root(
      of: text, shownAs: shown, notes: notes,
      ifEmpty: "is empty; the guide's page on training shows one")
    let decoder = TrainingDecoder(
      folder: URL(fileURLWithPath: file).deletingLastPathComponent().path, needsFiles: needsFiles)
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
      check(recipe, cursor, stepsAreKnown: steps != nil)
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
      return file(from).map { .checkpoint(folder: $0) }
    }
    let layers = cursor.required("layers", of: entries)?.integer(in: 1...1000)
    let hidden = cursor.required("hidden_size", of: entries)?.integer(in: 2...65_536)
    let heads = cursor.required("heads", of: entries)?.integer(in: 1...4096)
    let intermediate = entries["intermediate_size"]?.integer(in: 1...1_000_000)
    let vocabulary = entries["vocabulary"]?.integer(in: 2...10_000_000)
    let context = entries["context"]?.integer(in: 2...1_000_000)
    let share = entries["rotary_pct"]?.number(in: 0.001...1)
    if let hidden, let heads, !hidden.isMultiple(of: heads) {
      entries["heads"]?.note("\(heads) heads do not divide hidden_size \(hidden)")
      return nil
    }
    guard let layers, let hidden, let heads else { return nil }
    var shape = TrainingRecipe.Shape(layers: layers, hiddenSize: hidden, heads: heads)
    shape.intermediateSize = intermediate
    shape.vocabulary = vocabulary
    shape.context = context
    if let share { shape.rotaryShare = share }
    return .new(shape)
  }

  private func data(_ cursor: YAMLCursor) -> TrainingRecipe.Data? {
    let keys = ["text", "tokenizer", "vocabulary", "tokens", "validation", "order"]
    guard let entries = cursor.mapping(keys) else { return nil }
    let order = entries["order"]?.word(TrainingRecipe.Data.Order.allCases.map(\.rawValue))
    let validation = entries["validation"].flatMap(self.validation)
    guard let source = source(cursor, entries) else { return nil }
    var data = TrainingRecipe.Data(source: source)
    if let order { data.order = .init(rawValue: order) ?? .shuffled }
    if let validation { data.validation = validation }
    return data
  }

  private func source(
    _ cursor: YAMLCursor, _ entries: [String: YAMLCursor]
  ) -> TrainingRecipe.Data.Source? {
    switch (entries["text"], entries["tokens"]) {
    case (let text?, nil):
      let path = file(text)
      switch (entries["tokenizer"], entries["vocabulary"]) {
      case (let tokenizer?, nil):
        guard let tokens = file(tokenizer), let path else { return nil }
        return .text(path: path, .tokenizer(path: tokens))
      case (nil, let vocabulary?):
        guard let size = vocabulary.integer(in: 257...1_000_000), let path else { return nil }
        return .text(path: path, .trained(vocabulary: size))
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
      return file(tokens).map { .tokens(path: $0) }
    default:
      cursor.note("needs either `text: FILE` or `tokens: FILE.npy`")
      return nil
    }
  }

  private func validation(_ cursor: YAMLCursor) -> TrainingRecipe.Data.Validation? {
    cursor.isNumber
      ? cursor.number(in: 0...0.9).map { .share($0) } : file(cursor).map { .file($0) }
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
  func check(_ recipe: TrainingRecipe, _ cursor: YAMLCursor, stepsAreKnown: Bool = true) {
    for intervention in recipe.interventions {
      let kind = intervention.kind.rawValue
      if stepsAreKnown, intervention.start >= recipe.steps {
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

  /// The path of what is named, absolute.
  private func file(_ cursor: YAMLCursor) -> String? {
    guard let path = cursor.text().map(resolve) else { return nil }
    if needsFiles, !FileManager.default.fileExists(atPath: path) {
      cursor.note("nothing is at \(path)")
    }
    return path
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
