import Files
import Foundation
import Tensors

/// What pico-train leaves of a step: `learning_dynamics/{train,val}_{activations,weights,gradients}.pt`,
/// each a dictionary of module name → tensor, in `checkpoints/step_N` of the run's folder.
///
/// Modules are `layers.N.attention.v_proj`, `….attention.o_proj` and `….swiglu.w_2`. The batch of `train`
/// is another one at every step, so only its weights' gradients are of use; `val` is one batch
/// throughout.
enum PicoFolder {
  static let dynamics = "learning_dynamics"

  /// The folder that holds the steps of the run in `folder`.
  static func steps(of folder: String) -> String {
    let checkpoints = folder + "/checkpoints"
    return Folder.kind(of: checkpoints) == .folder ? checkpoints : folder
  }

  /// Numbers of the run's `training_config.yaml` by key, as far as they stand on a line of their own.
  struct Settings {
    var heads: Int?
    var keyValueHeads: Int?

    /// Reads the file beside the steps or above them; none is no mistake: then nothing is measured by
    /// head.
    init(near folder: String) throws(CheckpointError) {
      let places = [folder, Folder.parent(of: folder)].map { $0 + "/training_config.yaml" }
      guard let path = places.first(where: { Folder.kind(of: $0) == .file }) else { return }
      let text: String
      do throws(FileError) {
        let reader = try FileReader(path)
        text = String(
          decoding: try reader.read(at: 0, count: min(reader.size, 1 << 20)), as: UTF8.self)
      } catch {
        throw .tensors(.file(error))
      }
      func number(_ key: String) -> Int? {
        for line in text.split(whereSeparator: \.isNewline) {
          let parts = line.split(separator: ":", maxSplits: 1)
          guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key else {
            continue
          }
          let value = parts[1].split(separator: "#").first ?? ""
          return Int(value.trimmingCharacters(in: .whitespaces))
        }
        return nil
      }
      heads = number("attention_n_heads")
      keyValueHeads = number("attention_n_kv_heads") ?? heads
    }
  }

  /// Opens the step in `folder`; reads headers alone.
  static func open(
    _ folder: String, step: Int, settings: Settings
  ) throws(CheckpointError) -> ExportedStep {
    let dynamics = folder + "/" + dynamics
    let names: [String]
    do { names = try Folder.names(in: dynamics) } catch { throw .tensors(.file(error)) }
    var weights: [ExportedName: ExportedMatrix] = [:]
    var captures: [ExportedCapture] = []
    for batch in ["val", "train"] {
      func matrices(
        _ object: String, _ roles: [String: ExportedRole]
      ) throws(CheckpointError) -> [ExportedName: ExportedMatrix] {
        let name = "\(batch)_\(object).pt"
        guard names.contains(name) else { return [:] }
        return try Self.matrices(dynamics + "/" + name, roles)
      }
      let ofBatch = try matrices("weights", weightModules)
      if weights.isEmpty { weights = ofBatch }
      let gradients = try matrices("gradients", weightModules)
      // Another batch at every step: its rows cannot be matched.
      let activations = batch == "val" ? try matrices("activations", activationModules) : [:]
      guard !activations.isEmpty || !gradients.isEmpty else { continue }
      captures.append(
        ExportedCapture(
          probe: batch, probeHash: nil,
          rows: CaptureRows(
            sequences: Array(0..<(try rowCount(activations))), positions: []),
          activations: activations, gradients: gradients, loss: nil))
    }
    guard !weights.isEmpty || !captures.isEmpty else {
      throw .unreadable(
        folder: dynamics, reason: "holds none of {train,val}_{activations,weights,gradients}.pt")
    }
    return ExportedStep(
      step: step, folder: folder, form: .pico, heads: settings.heads,
      keyValueHeads: settings.keyValueHeads, weights: weights, captures: captures)
  }

  private static let activationModules: [String: ExportedRole] = [
    "attention.v_proj": .value, "attention.o_proj": .attention, "swiglu.w_2": .mlp,
  ]
  private static let weightModules: [String: ExportedRole] = [
    "attention.v_proj": .value, "attention.o_proj": .output, "swiglu.w_2": .mlp,
  ]

  private static func matrices(
    _ path: String, _ roles: [String: ExportedRole]
  ) throws(CheckpointError) -> [ExportedName: ExportedMatrix] {
    let file: TensorFile
    do { file = try TensorFile(path) } catch { throw .tensors(error) }
    var matrices: [ExportedName: ExportedMatrix] = [:]
    for tensor in file.tensors {
      guard let name = place(of: tensor.name, roles) else { continue }
      guard tensor.shape.count == 2, tensor.type.isComputable else {
        throw .tensors(
          .malformedTensor(
            file: path, tensor: tensor.name, expected: "a matrix of floats",
            found: "\(tensor.typeName) \(tensor.shape)"))
      }
      matrices[name] = ExportedMatrix(file: file, tensor: tensor)
    }
    guard !matrices.isEmpty else {
      throw .unreadable(
        folder: path,
        reason: "holds none of layers.N.{\(roles.keys.sorted().joined(separator: ", "))}")
    }
    return matrices
  }

  /// Layer and role of a module such as `model.layers.3.attention.v_proj.weight`.
  private static func place(of name: String, _ roles: [String: ExportedRole]) -> ExportedName? {
    var parts = name.split(separator: ".").map(String.init)
    if parts.last == "weight" { parts.removeLast() }
    guard parts.count >= 4, let role = roles[parts.suffix(2).joined(separator: ".")],
      let layer = Int(parts[parts.count - 3]), layer >= 0, layer < 10_000
    else { return nil }
    return ExportedName(layer: layer, role: role)
  }

  private static func rowCount(
    _ matrices: [ExportedName: ExportedMatrix]
  ) throws(CheckpointError) -> Int {
    guard let first = matrices.values.first else { return 0 }
    if let other = matrices.values.first(where: { $0.rows != first.rows }) {
      throw .tensors(
        .malformedTensor(
          file: other.file.path, tensor: other.tensor.name, expected: "\(first.rows) rows",
          found: "\(other.rows)"))
    }
    return first.rows
  }
}
