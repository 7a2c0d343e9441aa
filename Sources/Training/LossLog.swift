import Files

/// A run's `training_log.csv`: what studies draw under their curves.
///
/// Step N tells of the update that made it: the loss of its batch before it, the gradient's norm before
/// clipping, the learning rate; and the validation loss of step N's weights, where it was taken.
struct LossLog: Sendable {
  struct Row: Sendable, Equatable {
    let step: Int
    var trainingLoss: Double?
    var validationLoss: Double?
    var gradientNorm: Double?
    var learningRate: Double?
    /// Seen up to this step.
    var tokens: Int
  }

  let path: String
  private(set) var rows: [Row] = []

  static let header = "step,train_loss,validation_loss,grad_norm,lr,tokens"

  init(folder: String) { path = folder + "/training_log.csv" }

  var lastValidationLoss: Double? { rows.last { $0.validationLoss != nil }?.validationLoss }

  mutating func append(_ row: Row) { rows.append(row) }

  /// Adds a validation loss to the row of its step.
  mutating func validate(step: Int, loss: Double, tokens: Int) {
    if rows.last?.step == step {
      rows[rows.count - 1].validationLoss = loss
    } else {
      rows.append(Row(step: step, validationLoss: loss, tokens: tokens))
    }
  }

  func write() throws(TrainingError) {
    var text = Self.header + "\n"
    for row in rows {
      let numbers = [row.trainingLoss, row.validationLoss, row.gradientNorm, row.learningRate].map {
        $0.map { "\($0)" } ?? ""
      }
      text += "\(row.step),\(numbers.joined(separator: ",")),\(row.tokens)\n"
    }
    do { try DurableWrite.write(text, to: path) } catch { throw .file(error) }
  }

  /// Takes up the rows of an earlier run up to `step`; those after it are made again.
  mutating func resume(at step: Int) throws(TrainingError) {
    guard Folder.kind(of: path) == .file else { return }
    let bytes: [UInt8]
    do { bytes = try FileReader(path).readAll() } catch { throw .file(error) }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard lines.first.map(String.init) == Self.header else {
      throw .state(file: path, "expected the columns \(Self.header)")
    }
    rows = []
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == 6, let own = Int(fields[0]), let tokens = Int(fields[5]) else {
        throw .state(file: path, "\(line.prefix(80)) is no line of a log")
      }
      guard own <= step else { continue }
      rows.append(
        Row(
          step: own, trainingLoss: Double(fields[1]), validationLoss: Double(fields[2]),
          gradientNorm: Double(fields[3]), learningRate: Double(fields[4]), tokens: tokens))
    }
  }
}
