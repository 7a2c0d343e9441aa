import Files
import Foundation

/// A run's `training_log.csv`, where one lies beside its checkpoints: columns `step` and any of
/// `train_loss` or `loss`, `lr` or `learning_rate`, `tokens`; others are passed over.
enum TrainingLog {
  /// Largest log that is read.
  private static let largestFile = 64 << 20

  /// The log's records; none where there is no log. A line that is none is passed over: the log
  /// decorates figures, no number depends on it.
  static func read(run: String, folder: String) throws(FileError) -> [StudyResults.TrainingRecord] {
    let path = folder + "/training_log.csv"
    guard Folder.kind(of: path) == .file else { return [] }
    let reader = try FileReader(path)
    guard reader.size <= largestFile,
      let text = String(validating: try reader.readAll(), as: UTF8.self)
    else { return [] }
    let lines = text.split(whereSeparator: \.isNewline)
    guard let header = lines.first?.split(separator: ",", omittingEmptySubsequences: false) else {
      return []
    }
    func column(_ names: String...) -> Int? {
      header.firstIndex { names.contains($0.trimmingCharacters(in: .whitespaces)) }
    }
    guard let stepColumn = column("step") else { return [] }
    let (loss, rate, tokens) = (
      column("train_loss", "loss"), column("lr", "learning_rate"), column("tokens")
    )
    return lines.dropFirst().compactMap { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      func number(_ column: Int?) -> Double? {
        guard let column, column < fields.count, let value = Double(fields[column]) else {
          return nil
        }
        return value.isFinite ? value : nil
      }
      guard stepColumn < fields.count, let step = Int(fields[stepColumn]) else { return nil }
      return StudyResults.TrainingRecord(
        run: run, step: step, loss: number(loss), learningRate: number(rate),
        tokens: number(tokens))
    }
  }
}
