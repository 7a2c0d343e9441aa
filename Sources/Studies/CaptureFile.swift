import Capture
import LinearAlgebra
import Tensors

/// A file of named activation matrices: an artifact of this program, safetensors, or a PyTorch
/// archive.
struct CaptureFile {
  private enum Source {
    case artifact(Artifact)
    case tensors(TensorFile)
  }

  private let source: Source

  init(_ path: String) throws {
    if let artifact = try? Artifact(path: path) {
      source = .artifact(artifact)
    } else {
      source = .tensors(try TensorFile(path))
    }
  }

  /// The names of the matrices.
  var names: [String] {
    switch source {
    case .artifact(let artifact): artifact.matrixNames
    case .tensors(let file): file.tensors.filter { $0.shape.count == 2 }.map(\.name)
    }
  }

  func matrix(_ name: String) throws -> Matrix<Float> {
    switch source {
    case .artifact(let artifact): return try artifact.matrix(name)
    case .tensors(let file):
      let shape = file.tensor(name)?.shape ?? []
      return Matrix(rows: shape[0], columns: shape[1], elements: try file.floats(name))
    }
  }

  /// Layer, component and variant, as far as a name tells: those of an artifact's sections, and
  /// names such as `layers.3.attention.o_proj`.
  static func place(of name: String) -> (layer: Int?, component: String, variant: String) {
    let parts = name.split { $0 == "/" || $0 == "." }.map(String.init)
    let layer = parts.compactMap { Int($0) }.first
    let component =
      if name.contains("o_proj") || name.contains("attention.dense")
        || parts.contains("attention") && !name.contains("v_proj")
      {
        "attention"
      } else if name.contains("mlp") || name.contains("swiglu") || name.contains("w_2") {
        "mlp"
      } else if parts.contains("residual") {
        "residual"
      } else {
        "ov"
      }
    return (layer, component, parts.contains("published_layout") ? "published_layout" : "default")
  }
}
