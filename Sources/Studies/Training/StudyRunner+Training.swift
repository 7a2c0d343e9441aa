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
}
