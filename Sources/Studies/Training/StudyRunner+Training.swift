import Files
import Foundation
import LinearAlgebra
import Training

extension StudyRunner {
  /// The runs of the study that are not trained to their end yet, in its order.
  func untrained() throws -> [TrainingRecipe] {
    do {
      return try study.runs.compactMap(\.training).filter {
        try Trainer($0, lanes: .single).finished() == nil
      }
    } catch {
      throw StudyError.output("\(error)")
    }
  }

  /// Trains what is missing.
  func trainMissing() throws {
    let missing = try untrained()
    let all = study.runs.compactMap(\.training)
    guard options.shard == nil || missing.isEmpty else {
      throw StudyError.output(
        "\(missing.count) of \(all.count) runs are not trained yet, \(missing[0].name) first; shards share "
          + "out measuring alone: run the study once without --shard, or `tend train` each")
    }
    if missing.count < all.count {
      events(.note("trained from before: \(all.count - missing.count) of \(all.count) runs"))
    }
    guard !missing.isEmpty else { return }
    try RunTraining(threads: options.threads, events: events).train(missing)
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
