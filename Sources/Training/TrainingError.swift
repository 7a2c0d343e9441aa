package import Files

/// Why a run cannot be trained, or not go on.
package enum TrainingError: Error, Equatable {
  case file(FileError)
  /// The text or the tokens cannot be used.
  case data(file: String, String)
  /// The shape that the recipe asks for, or the checkpoint that it begins with.
  case model(String)
  /// What lies in the output folder belongs to another recipe.
  case otherRecipe(folder: String, difference: String)
  /// The stored state cannot be read.
  case state(file: String, String)
  /// Loss, gradients or weights ceased to be finite.
  case diverged(run: String, step: Int, String)
}

extension TrainingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(let error): error.description
    case .data(let file, let message): "\(file): \(message)"
    case .model(let message): message
    case .otherRecipe(let folder, let difference):
      "\(folder): was trained with another recipe (\(difference)); name another output:, or remove "
        + "the folder to train anew"
    case .state(let file, let message):
      "\(file): \(message); remove it to train from the beginning"
    case .diverged(let run, let step, let message):
      "\(run), step \(step): \(message); lower optimiser.learning_rate or the intervention's strength"
    }
  }
}
