import Files
import Tensors

/// The documented layout for activations, weights and gradients from a user's own code: a folder a step
/// with `activations.safetensors`, `weights.safetensors`, `gradients.safetensors`, each optional.
///
/// Tensors are called `layers.N.ROLE`, activations [rows, d]; `row_ids` (I64 [rows, 2]) holds each row's
/// sequence and position. The header's metadata has `format` = `tend-capture-1`, `probe` (the hash of
/// the tokens) and, where they apply, `probe_name`, `heads`, `kv_heads` and `loss`.
package enum CaptureFolder {
  package static let format = "tend-capture-1"
  static let names = ["activations.safetensors", "gradients.safetensors", "weights.safetensors"]

  static func isOne(_ names: [String]) -> Bool { names.contains { Self.names.contains($0) } }

  /// Opens the step in `folder`; reads headers and row ids.
  static func open(_ folder: String, step: Int) throws(CheckpointError) -> ExportedStep {
    let there: [String]
    do { there = try Folder.names(in: folder) } catch { throw .tensors(.file(error)) }
    func file(_ name: String) throws(CheckpointError) -> CaptureTensors? {
      guard there.contains(name) else { return nil }
      return try CaptureTensors(folder + "/" + name)
    }
    let activations = try file("activations.safetensors")
    let weights = try file("weights.safetensors")
    let gradients = try file("gradients.safetensors")
    let heads = try common("heads", [activations, weights, gradients])
    let captures = try captures(activations: activations, gradients: gradients)
    return ExportedStep(
      step: step, folder: folder, form: .capture, heads: heads,
      keyValueHeads: try common("kv_heads", [activations, weights, gradients]) ?? heads,
      weights: try weights?.matrices(of: ExportedRole.weights) ?? [:], captures: captures)
  }

  /// The activations in one file of the layout.
  package static func openActivations(_ path: String) throws(CheckpointError) -> ExportedCapture {
    let file = try CaptureTensors(path)
    return ExportedCapture(
      probe: file.probeName, probeHash: try file.probe(), rows: try file.rows(),
      activations: try file.matrices(of: ExportedRole.activations), gradients: [:],
      loss: try file.loss())
  }

  /// One capture where both files are of one probe, else two.
  private static func captures(
    activations: CaptureTensors?, gradients: CaptureTensors?
  ) throws(CheckpointError) -> [ExportedCapture] {
    var captures: [ExportedCapture] = []
    let gradientMatrices = try gradients?.matrices(of: ExportedRole.weights) ?? [:]
    let isShared =
      try activations?.probe() == gradients?.probe()
      && activations?.probeName == gradients?.probeName
    if let activations {
      captures.append(
        ExportedCapture(
          probe: activations.probeName, probeHash: try activations.probe(),
          rows: try activations.rows(),
          activations: try activations.matrices(of: ExportedRole.activations),
          gradients: isShared ? gradientMatrices : [:], loss: try activations.loss()))
    }
    if let gradients, activations == nil || !isShared {
      captures.append(
        ExportedCapture(
          probe: gradients.probeName, probeHash: try gradients.probe(),
          rows: CaptureRows(sequences: [], positions: []), activations: [:],
          gradients: gradientMatrices, loss: nil))
    }
    return captures
  }

  /// A number that all files which have it agree on.
  private static func common(
    _ key: String, _ files: [CaptureTensors?]
  ) throws(CheckpointError) -> Int? {
    var known: (value: Int, path: String)?
    for file in files {
      guard let file, let value = try file.number(key) else { continue }
      if let known, known.value != value {
        throw .configuration(
          file: file.path, "\(key) is \(value), but \(known.value) in \(known.path)")
      }
      known = (value, file.path)
    }
    return known?.value
  }
}

/// One file of a capture folder.
struct CaptureTensors {
  let path: String
  private let file: TensorFile

  static let rowIDs = "row_ids"

  init(_ path: String) throws(CheckpointError) {
    self.path = path
    do { file = try TensorFile(path) } catch { throw .tensors(error) }
    guard file.metadata["format"] == CaptureFolder.format else {
      throw .configuration(
        file: path,
        "expected the metadata format = \(CaptureFolder.format), found "
          + (file.metadata["format"].map(TensorError.quoted) ?? "none"))
    }
  }

  var probeName: String { file.metadata["probe_name"] ?? "capture" }

  /// The probe's hash, without which rows cannot be known to be the same.
  func probe() throws(CheckpointError) -> String {
    guard let probe = file.metadata["probe"], !probe.isEmpty else {
      throw .configuration(
        file: path, "expected the metadata probe = the hash of the tokens, found none")
    }
    return probe
  }

  func number(_ key: String) throws(CheckpointError) -> Int? {
    guard let text = file.metadata[key] else { return nil }
    guard let number = Int(text), number >= 1, number <= 1 << 20 else {
      throw .configuration(
        file: path, "expected \(key) of at least 1, found \(TensorError.quoted(text))")
    }
    return number
  }

  func loss() throws(CheckpointError) -> Double? {
    guard let text = file.metadata["loss"] else { return nil }
    guard let loss = Double(text), loss.isFinite else {
      throw .configuration(
        file: path, "expected a finite loss, found \(TensorError.quoted(text))")
    }
    return loss
  }

  func rows() throws(CheckpointError) -> CaptureRows {
    guard let tensor = file.tensor(Self.rowIDs), tensor.shape.count == 2, tensor.shape[1] == 2
    else {
      throw .configuration(
        file: path,
        "expected row_ids [rows, 2], the sequence and position of each row, found "
          + (file.tensor(Self.rowIDs).map { "\($0.shape)" } ?? "none"))
    }
    let numbers: [Int]
    do { numbers = try file.integers(Self.rowIDs) } catch { throw .tensors(error) }
    guard numbers.allSatisfy({ (0..<1 << 31).contains($0) }) else {
      throw .configuration(file: path, "expected row_ids of at least 0, found another")
    }
    let rows = CaptureRows(
      sequences: stride(from: 0, to: numbers.count, by: 2).map { numbers[$0] },
      positions: stride(from: 1, to: numbers.count, by: 2).map { numbers[$0] })
    for tensor in file.tensors where tensor.name != Self.rowIDs && tensor.shape.first != rows.count
    {
      throw .tensors(
        .malformedTensor(
          file: path, tensor: tensor.name, expected: "\(rows.count) rows as row_ids has",
          found: "\(tensor.shape)"))
    }
    return rows
  }

  /// The matrices by what they are; a tensor of another name is an error, so that a misspelt one is not
  /// left out without a word.
  func matrices(
    of roles: Set<ExportedRole>
  ) throws(CheckpointError) -> [ExportedName: ExportedMatrix] {
    var matrices: [ExportedName: ExportedMatrix] = [:]
    for tensor in file.tensors where tensor.name != Self.rowIDs {
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "layers", let layer = Int(parts[1]),
        (0..<10_000).contains(layer), String(layer) == parts[1],
        let role = ExportedRole(rawValue: String(parts[2])), roles.contains(role)
      else {
        let words = roles.map(\.rawValue).sorted().joined(separator: ", ")
        throw .configuration(
          file: path,
          "expected tensors layers.N.ROLE, ROLE one of \(words), found "
            + TensorError.quoted(tensor.name))
      }
      guard tensor.shape.count == 2, tensor.type.isComputable else {
        throw .tensors(
          .malformedTensor(
            file: path, tensor: tensor.name, expected: "a matrix of floats",
            found: "\(tensor.typeName) \(tensor.shape)"))
      }
      matrices[ExportedName(layer: layer, role: role)] = ExportedMatrix(file: file, tensor: tensor)
    }
    return matrices
  }
}
