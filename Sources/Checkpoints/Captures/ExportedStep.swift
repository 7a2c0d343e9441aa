import Files
package import Tensors

/// Activations, weights and gradients of one step that a training program exported, in place of a
/// checkpoint.
package struct ExportedStep: Sendable {
  package enum Form: String, Sendable {
    /// The layout that the guide documents, see `CaptureFolder`.
    case capture
    /// What pico-train stores, see `PicoFolder`.
    case pico
  }

  package let step: Int
  package let folder: String
  package let form: Form
  /// Query heads; `nil` where they are not known: then nothing is measured by head.
  package let heads: Int?
  /// Heads of keys and values: fewer with grouped queries.
  package let keyValueHeads: Int?
  package let weights: [ExportedName: ExportedMatrix]
  /// By probe.
  package let captures: [ExportedCapture]

  package init(
    step: Int, folder: String, form: Form, heads: Int?, keyValueHeads: Int?,
    weights: [ExportedName: ExportedMatrix], captures: [ExportedCapture]
  ) {
    self.step = step
    self.folder = folder
    self.form = form
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.weights = weights
    self.captures = captures
  }

  /// The step in `folder`, of either form; `nil` where it is none. Reads headers.
  package static func open(
    _ folder: String, step: Int
  ) throws(CheckpointError) -> ExportedStep? {
    let names: [String]
    do { names = try Folder.names(in: folder) } catch { throw .tensors(.file(error)) }
    if names.contains(PicoFolder.dynamics) {
      return try PicoFolder.open(
        folder, step: step, settings: PicoFolder.Settings(near: Folder.parent(of: folder)))
    }
    return CaptureFolder.isOne(names) && !names.contains("config.json")
      ? try CaptureFolder.open(folder, step: step) : nil
  }

  /// Every file that a matrix lies in, each once, by path.
  package var files: [TensorFile] {
    let matrices =
      Array(weights.values)
      + captures.flatMap { Array($0.activations.values) + $0.gradients.values }
    var files: [String: TensorFile] = [:]
    for matrix in matrices { files[matrix.file.path] = matrix.file }
    return files.sorted { $0.key < $1.key }.map(\.value)
  }
}

/// What was captured on one probe.
package struct ExportedCapture: Sendable {
  /// The probe's name.
  package var probe: String
  /// The hash that the exporting program gave; `nil` where the format has none.
  package let probeHash: String?
  package let rows: CaptureRows
  package let activations: [ExportedName: ExportedMatrix]
  package let gradients: [ExportedName: ExportedMatrix]
  /// Mean loss over the probe, in nats.
  package let loss: Double?

  /// Why rows of this capture cannot be matched with those of `other`, in words; `nil` if they can.
  package func mismatch(with other: ExportedCapture) -> String? {
    if let own = probeHash, let wanted = other.probeHash, own != wanted {
      return "probe \(TensorError.quoted(probe)) is another: its hash is \(own.prefix(16))…, "
        + "expected \(wanted.prefix(16))…"
    }
    return rows.mismatch(with: other.rows).map { "probe \(TensorError.quoted(probe)): \($0)" }
  }
}

/// Which rows of a probe the rows of a captured matrix are.
package struct CaptureRows: Sendable, Equatable {
  /// The sequence of each row, from 0.
  package let sequences: [Int]
  /// Its position in the sequence, from 0; empty where the format does not say.
  package let positions: [Int]

  package var count: Int { sequences.count }
  /// Whether each sequence has one row: the column `rows` is `last` then, else `sample`.
  package var isOnePerSequence: Bool { Set(sequences).count == sequences.count }

  package func mismatch(with other: CaptureRows) -> String? {
    if count != other.count { return "it has \(count) rows, expected \(other.count)" }
    for row in 0..<count where sequences[row] != other.sequences[row] {
      return "row \(row) is of sequence \(sequences[row]), expected \(other.sequences[row])"
    }
    for (row, (own, wanted)) in zip(positions, other.positions).enumerated() where own != wanted {
      return "row \(row) is position \(own), expected \(wanted)"
    }
    return nil
  }
}
