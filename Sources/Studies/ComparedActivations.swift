import Capture
import Checkpoints
import Files
import LinearAlgebra
import Tensors

/// Named activations of one model on one probe, ready to be compared with another's.
struct ComparedActivations {
  struct Name: Hashable {
    let layer: Int
    let component: String
    let variant: String
  }

  /// What the probe is called.
  let probe: String
  /// Its hash, where it is known.
  let probeHash: String?
  /// Which rows of the probe these are, where it is known.
  let rows: CaptureRows?
  /// The word of the column `rows`.
  let rowsWord: String
  let matrices: [Name: Matrix<Float>]
  /// Where they come from, for messages.
  let source: String

  /// Why the rows of these cannot be matched with `other`'s; `nil` where they can.
  func refusal(against other: ComparedActivations) -> String? {
    if let own = probeHash, let wanted = other.probeHash, own != wanted {
      return "was captured on another probe: its hash is \(own.prefix(16))…, in \(other.source) "
        + "\(wanted.prefix(16))…"
    }
    if (probeHash == nil) != (other.probeHash == nil) {
      let (known, unknown) = probeHash == nil ? (other.source, source) : (source, other.source)
      return
        "\(known) names its probe and \(unknown) does not; rows that may differ are not compared"
    }
    if rowsWord != other.rowsWord {
      return "has rows \(rowsWord), but \(other.rowsWord) in \(other.source)"
    }
    if let own = rows, let wanted = other.rows, let mismatch = own.mismatch(with: wanted) {
      return mismatch
    }
    for (name, matrix) in matrices {
      guard let wanted = other.matrices.first(where: { $0.key.component == name.component })?.value,
        wanted.rows != matrix.rows
      else { continue }
      return "has \(matrix.rows) rows, but \(wanted.rows) in \(other.source)"
    }
    return nil
  }
}

extension ComparedActivations {
  /// The matrices of a file: an artifact of this program, safetensors, a PyTorch archive, .npz or a
  /// pickled dictionary.
  init(file path: String) throws {
    var matrices: [Name: Matrix<Float>] = [:]
    func add(_ name: String, _ matrix: Matrix<Float>) {
      let place = MatrixName.place(of: name)
      let key = Name(
        layer: place.layer ?? matrices.count, component: place.component, variant: place.variant)
      // A name that tells no layer or component has a number of its own.
      matrices[
        matrices[key] == nil
          ? key : Name(layer: matrices.count, component: name, variant: "default")] = matrix
    }
    var (probe, hash, rows): (String?, String?, CaptureRows?) = (nil, nil, nil)
    var words: Set<String> = []
    switch try ContentKind.of(path) {
    case .artifact:
      let artifact = try Artifact(path: path)
      for name in artifact.matrixNames
      where name.split(separator: "/").dropFirst(3).first != "heads" {
        add(name, try artifact.matrix(name))
        if let word = name.split(separator: "/").last { words.insert(String(word)) }
      }
      hash = artifact.inputs.entries.first { $0.name == "probe" }?.value
    case .pickle:
      for entry in try PickledArrays(path).entries where entry.shape.count == 2 {
        add(
          entry.name,
          Matrix(
            rows: entry.shape[0], columns: entry.shape[1], elements: entry.values.map(Float.init)))
      }
    case .array:
      let array = try NumPyFile(path)
      guard array.shape.count == 2 else {
        throw StudyError.invalid(
          file: path, [StudyFinding("expected a matrix, found shape \(array.shape)")])
      }
      add(
        "array",
        Matrix(
          rows: array.shape[0], columns: array.shape[1],
          elements: try array.doubles().map(Float.init)))
    case .tensors:
      let file = try TensorFile(path)
      if file.metadata["format"] == CaptureFolder.format {
        let capture = try CaptureFolder.openActivations(path)
        self = try ComparedActivations(capture, source: path)
        return
      }
      for tensor in file.tensors where tensor.shape.count == 2 && tensor.type.isComputable {
        add(
          tensor.name,
          Matrix(
            rows: tensor.shape[0], columns: tensor.shape[1],
            elements: try file.floats(tensor.name)))
      }
      probe = file.metadata["probe_name"]
      hash = file.metadata["probe"]
      rows = nil
    }
    guard !matrices.isEmpty else {
      throw StudyError.invalid(file: path, [StudyFinding("holds no matrices of floats")])
    }
    self.init(
      probe: probe ?? "", probeHash: hash, rows: rows,
      rowsWord: words.count == 1 ? words.first ?? "last" : "last", matrices: matrices, source: path)
  }

  /// What a capture of one step holds.
  init(_ capture: ExportedCapture, source: String) throws {
    var matrices: [Name: Matrix<Float>] = [:]
    for (name, exported) in capture.activations where name.role != .value {
      matrices[Name(layer: name.layer, component: name.role.rawValue, variant: "default")] =
        Matrix(rows: exported.rows, columns: exported.columns, elements: try exported.floats())
    }
    self.init(
      probe: capture.probe, probeHash: capture.probeHash, rows: capture.rows,
      rowsWord: capture.rows.isOnePerSequence ? "last" : "sample", matrices: matrices,
      source: source)
  }
}

/// Layer, component and variant, as far as a matrix's name tells: `layers.3.attention.o_proj`,
/// `3/mlp/default/layer/last`.
enum MatrixName {
  static func place(of name: String) -> (layer: Int?, component: String, variant: String) {
    let parts = name.split { $0 == "/" || $0 == "." }.map(String.init)
    let layer = parts.lazy.compactMap { Int($0) }.first
    let component =
      if name.contains("o_proj") || name.contains("attention.dense")
        || parts.contains("attention") && !name.contains("v_proj")
      {
        "attention"
      } else if name.contains("mlp") || name.contains("swiglu") || name.contains("w_2") {
        "mlp"
      } else if parts.contains("residual") {
        "residual"
      } else if parts.contains("ov") || name.contains("v_proj") {
        "ov"
      } else {
        name
      }
    return (layer, component, parts.contains("published_layout") ? "published_layout" : "default")
  }
}
