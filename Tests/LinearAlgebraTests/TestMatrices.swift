import LinearAlgebra

/// A small linear congruential stream: these tests need variety, not quality.
struct NumberStream {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// Roughly uniform in [-1, 1).
  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(Int64(bitPattern: state) >> 11) * 0x1p-52
  }

  mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix<Double> {
    Matrix(
      rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in next() })
  }
}

/// The largest difference of two matrices of the same shape.
func largestDifference(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
  precondition(a.rows == b.rows && a.columns == b.columns)
  return zip(a.elements, b.elements).map { abs($0 - $1) }.max() ?? 0
}

/// A B by the definition.
func productByDefinition(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
  var c = Matrix<Double>(rows: a.rows, columns: b.columns)
  for i in 0..<a.rows {
    for j in 0..<b.columns {
      c[i, j] = (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] }
    }
  }
  return c
}

func identity(_ n: Int) -> Matrix<Double> {
  var result = Matrix<Double>(rows: n, columns: n)
  for i in 0..<n { result[i, i] = 1 }
  return result
}
