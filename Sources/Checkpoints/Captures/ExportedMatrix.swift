package import Tensors

/// What an exported matrix is of its layer.
package enum ExportedRole: String, Sendable, CaseIterable {
  /// Activation: the MLP's output. Weight: W_down [d, m].
  case mlp
  /// Activation: values of the position itself times W_Oᵀ.
  case ov
  /// Activation: the attention's output.
  case attention
  /// Activation: the block's output.
  case residual
  /// Activation: the values, head after head. Weight: W_V [H d_h, d], the heads' rows stacked.
  case value
  /// Weight: W_O [d, H d_h].
  case output

  package static let activations: Set<ExportedRole> = [.mlp, .ov, .attention, .residual, .value]
  package static let weights: Set<ExportedRole> = [.mlp, .value, .output]
}

/// A layer's matrix by what it is.
package struct ExportedName: Hashable, Sendable {
  package let layer: Int
  package let role: ExportedRole

  package init(layer: Int, role: ExportedRole) {
    self.layer = layer
    self.role = role
  }
}

/// A matrix in a file, not read yet.
package struct ExportedMatrix: Sendable {
  package let file: TensorFile
  package let tensor: TensorDescription

  package var rows: Int { tensor.shape[0] }
  package var columns: Int { tensor.shape[1] }

  /// All elements, row-major, all of them finite.
  package func floats() throws(CheckpointError) -> [Float] {
    let elements: [Float]
    do { elements = try file.floats(tensor.name) } catch { throw .tensors(error) }
    let broken = elements.count { !$0.isFinite }
    guard broken == 0 else {
      throw .tensors(
        .malformedTensor(
          file: file.path, tensor: tensor.name, expected: "finite elements",
          found: "\(broken) that are not"))
    }
    return elements
  }
}
