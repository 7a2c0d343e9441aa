import Capture
import LinearAlgebra
import Tensors

/// What the elements of a tensor are like, in sums of Double.
struct TensorStatistics: Sendable {
  /// Share of the elements that are finite; 1 for none at all.
  private(set) var finiteShare = 1.0
  /// Frobenius norm of the finite ones.
  private(set) var norm = 0.0
  /// The value that all elements have; `nil` where they differ or there are none.
  private(set) var constant: Double?

  init(_ values: some Collection<Double>) {
    guard let first = values.first else { return }
    var (finite, sum, isConstant) = (0, 0.0, true)
    for value in values {
      if value != first { isConstant = false }
      guard value.isFinite else { continue }
      finite += 1
      sum += value * value
    }
    finiteShare = Double(finite) / Double(values.count)
    norm = sum.squareRoot()
    // NaN differs from itself and is told by its share.
    constant = isConstant && first.isFinite ? first : nil
  }

  /// Reads the tensor; `nil` where its type cannot be computed on.
  init?(_ tensor: TensorDescription, of file: TensorFile) throws {
    switch tensor.type {
    case .float16, .bfloat16, .float32:
      self.init(try file.floats(tensor.name).lazy.map(Double.init))
    case .float64, .bool, .uint8, .int8, .int16, .uint16, .int32, .uint32, .int64, .uint64:
      self.init(try file.doubles(tensor.name))
    default: return nil
    }
  }
}
