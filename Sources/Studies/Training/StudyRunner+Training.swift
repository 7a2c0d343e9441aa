import Files
import Foundation
import LinearAlgebra
import Training

extension StudyRunner {
  /// The runs of the study that are not trained to their end yet, in its order.
  ///
  /// - Throws: `StudyError.invalid` for files that recipes name and that are missing.
  func untrained() throws -> [TrainingRecipe] {
    let recipes = study.runs.compactMap(\.training)
    try requireFiles(of: recipes)
    do {
      return try recipes.filter { recipe in
        // What another run has yet to make is not there.
        try !recipe.inputs.allSatisfy(FileManager.default.fileExists)
          || Trainer(recipe, lanes: .single).finished() == nil
      }
    } catch {
      throw StudyError.output("\(error)")
    }
  }

  /// Trains what is missing, for a study that measures afterwards.
  func trainMissing() throws { try train(untrained()) }

  /// Whether a run of the study can begin: every mistake as `StudyError.invalid`.
  func checkTraining() throws {
    if options.shard != nil { try requireTrained() } else { _ = try untrained() }
  }

  /// Trains the runs of the study's `training:` that are missing, or those of a shard: the i-th and then
  /// every n-th of all.
  ///
  /// - Throws: `StudyError.invalid` where the study trains nothing, or a file that a recipe names is missing.
  package func trainRuns() throws {
    let all = study.runs.compactMap(\.training)
    guard !all.isEmpty else {
      throw StudyError.invalid(
        file: shown, [StudyFinding("has no `training:`, so there is nothing to train")])
    }
    let own = all.enumerated().filter { place, _ in
      options.shard.map { place % $0.count == $0.index - 1 } ?? true
    }.map(\.element.name)
    let missing = try untrained()
    try writing { try train(missing.filter { own.contains($0.name) }) }
  }

  /// Slices measure: what they measure has to be there.
  func requireTrained() throws {
    let missing = try untrained()
    guard let first = missing.first else { return }
    let all = study.runs.count { $0.training != nil }
    throw StudyError.invalid(
      file: shown,
      [
        study.finding(
          at: "training",
          "\(missing.count) of \(all) runs are not trained yet, \(first.name) first, and slices measure "
            + "alone; first: tend train \(shown) (--shard i/n trains a part of them)")
      ])
  }

  private func train(_ missing: [TrainingRecipe]) throws {
    let all = study.runs.count { $0.training != nil }
    if missing.count < all {
      events(.note("trained from before: \(all - missing.count) of \(all) runs"))
    }
    guard !missing.isEmpty else { return }
    try RunTraining(threads: options.threads, events: events).train(missing)
  }

  /// Every file that one of `recipes` names and that is missing, before anything is trained.
  private func requireFiles(of recipes: [TrainingRecipe]) throws {
    var missing: [String] = []
    for path in recipes.flatMap(\.inputs)
    where !missing.contains(path) && !FileManager.default.fileExists(atPath: path) {
      // What another run of the study makes is there when its turn comes.
      if !recipes.contains(where: { path.hasPrefix($0.output + "/") }) { missing.append(path) }
    }
    guard missing.isEmpty else {
      throw StudyError.invalid(
        file: shown,
        missing.map { study.finding(at: "training", "a recipe needs \($0): nothing is there") })
    }
  }

  /// Trains what is missing and writes a page of the study that says what was trained, and whether it learnt
  /// anything: `pages/training.md`.
  package func trainWithPage() throws {
    try writing {
      try trainMissing()
      let recipes = study.runs.compactMap(\.training)
      let results = try recipes.map { try Trainer($0, lanes: .single).finished() }
      let text = TrainingPage(runs: zip(recipes, results).map { ($0, $1) }).markdown
      try Folder.make(study.folder + "/pages")
      try DurableWrite.writeIfChanged(Array(text.utf8), to: study.folder + "/pages/training.md")
    }
  }
}

extension TrainingRecipe {
  /// The files and folders that it reads; absolute.
  var inputs: [String] {
    var paths: [String] = []
    if case .checkpoint(let folder) = model { paths.append(folder) }
    switch data.source {
    case .text(let path, .tokenizer(let tokenizer)): paths += [path, tokenizer]
    case .text(let path, .trained): paths.append(path)
    case .tokens(let path): paths.append(path)
    }
    if case .file(let path) = data.validation { paths.append(path) }
    return paths
  }
}

/// The page on what a study trained.
struct TrainingPage {
  let runs: [(recipe: TrainingRecipe, result: Trainer.Result?)]

  var markdown: String {
    var text = """
      ---
      title: What was trained
      description: The models of this study, and what they learnt.
      ---

      # What was trained

      Each run was trained from scratch on this machine. The validation loss is the last one, on sequences that no run was
      trained on; a model that had learnt nothing but how often each token comes would stand at the unigram entropy. Both in
      nats a token.

      | run | intervention | tokens | validation loss | unigram entropy |
      |---|---|---:|---:|---:|

      """
    for (recipe, result) in runs {
      let kinds = recipe.interventions.map { "\($0.kind.rawValue) \($0.strength)" }
      let numbers = [result?.validationLoss, result?.unigramEntropy].map {
        $0.map { String(format: "%.3f", $0) } ?? "–"
      }
      text +=
        "| \(recipe.name) | \(kinds.isEmpty ? "none" : kinds.joined(separator: ", ")) "
        + "| \(recipe.steps * recipe.batch.tokens) | \(numbers.joined(separator: " | ")) |\n"
    }
    let learnt = runs.count { _, result in
      guard let result, let loss = result.validationLoss else { return false }
      return loss < 0.9 * result.unigramEntropy
    }
    text +=
      "\n\(learnt) of \(runs.count) runs ended more than a tenth below the unigram entropy.\n"
    return text
  }
}
