import Files
import Tensors

/// CKA to the final checkpoint as the paper's code pickled it: a dictionary of module → one value a
/// checkpoint, in the order of training.
package struct PickledScores: Sendable {
  package struct Curve: Sendable, Equatable {
    package let layer: Int
    /// `mlp`, or `ov` in the published layout.
    package let component: String
    package let values: [Double]
  }

  package let path: String
  package let curves: [Curve]
  /// Entries that are no curve of a known module.
  package let leftOut: [String]
  /// SHA-256 of the file.
  package let digest: String

  /// Values of each curve.
  package var count: Int { curves.first?.values.count ?? 0 }

  package init(_ path: String) throws(CheckpointError) {
    let arrays: PickledArrays
    do { arrays = try PickledArrays(path) } catch { throw .tensors(error) }
    do { digest = SHA256Digest(of: try FileReader(path).readAll()).hex } catch {
      throw .tensors(.file(error))
    }
    var curves: [Curve] = []
    var leftOut: [String] = []
    for entry in arrays.entries {
      guard entry.shape.count == 1, let (layer, component) = Self.place(of: entry.name) else {
        leftOut.append(entry.name)
        continue
      }
      curves.append(Curve(layer: layer, component: component, values: entry.values))
    }
    guard let first = curves.first else {
      throw .unreadable(
        folder: path, reason: "holds no curve of layers.N.{attention.dense, mlp.dense_4h_to_h}")
    }
    if let other = curves.first(where: { $0.values.count != first.values.count }) {
      throw .unreadable(
        folder: path,
        reason: "has \(first.values.count) values for layer \(first.layer), but "
          + "\(other.values.count) for layer \(other.layer)")
    }
    self.path = path
    self.curves = curves
    self.leftOut = leftOut
  }

  private static func place(of name: String) -> (layer: Int, component: String)? {
    let parts = name.split(separator: ".").map(String.init)
    guard let mark = parts.firstIndex(of: "layers"), mark + 1 < parts.count,
      let layer = Int(parts[mark + 1]), layer >= 0, layer < 10_000
    else { return nil }
    switch parts[(mark + 2)...].joined(separator: ".") {
    case "mlp.dense_4h_to_h": return (layer, "mlp")
    case "attention.dense": return (layer, "ov")
    default: return nil
    }
  }
}
