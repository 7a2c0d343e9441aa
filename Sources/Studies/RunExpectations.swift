import Dynamics
import Metrics

/// PER by chance of the matrices of runs whose shapes are known: of independent Gaussian matrices, or
/// products, of those shapes. METHODS section 7, C5.
struct RunExpectations {
  private var expected: ExpectedPER

  init(seed: UInt64) { expected = ExpectedPER(seed: seed) }

  /// The expectation by run, component and object; nothing for a run without shapes, as in a table
  /// that was measured elsewhere.
  mutating func values(of runs: [RunDescription]) throws -> [ExpectedPERKey: Double] {
    var values: [ExpectedPERKey: Double] = [:]
    for run in runs {
      for (component, object, shape) in Self.shapes(of: run) {
        let key = ExpectedPERKey(run: run.run, component: component, object: object)
        values[key] = try expected.value(for: shape)
      }
    }
    return values
  }

  /// The shapes of W_down, and of OV by head: factors [d, d_h] and [d_h, d], for the gradient's sum of
  /// two products [d, 2 d_h] and [2 d_h, d] (METHODS section 4).
  static func shapes(
    of run: RunDescription
  ) -> [(component: String, object: String, shape: GaussianShape)] {
    guard let size = run.hiddenSize, size > 0 else { return [] }
    var shapes: [(String, String, GaussianShape)] = []
    if let inner = run.intermediateSize, inner > 0 {
      let down = GaussianShape.matrix(rows: size, columns: inner)
      shapes += [("mlp", "weights", down), ("mlp", "gradients", down)]
    }
    if let head = run.headDimension, head > 0 {
      shapes += [
        ("ov", "weights", .product(outer: size, inner: head)),
        ("ov", "gradients", .product(outer: size, inner: 2 * head)),
      ]
    }
    return shapes
  }
}
