import Files
import LinearAlgebra

/// What this machine does in a second with all threads of the study, measured for two seconds.
struct MachineSpeed: Sendable {
  /// Operations of float32 products.
  var single: Double
  /// Operations of float64 products.
  var double: Double
  /// Operations of float64 eigenvalues, counted as 4/3 n³.
  var eigenvalues: Double
  /// Bytes hashed, which is what reading a checkpoint costs where the disk keeps up.
  var hashing: Double

  static func measured(threads: Int) -> MachineSpeed {
    let lanes = Lanes(width: threads)
    return MachineSpeed(
      single: products(Float.self, lanes), double: products(Double.self, lanes),
      eigenvalues: eigenvalues(lanes), hashing: hashing())
  }

  /// Seconds for each of the four.
  private static let patience = 0.5

  /// How much of `work` a call is worth, times calls a second.
  private static func rate(_ work: Double, calls: Int = 1, _ body: () -> Void) -> Double {
    let begun = ContinuousClock.now
    var done = 0
    repeat {
      body()
      done += calls
    } while StageClock.seconds(begun.duration(to: .now)) < patience
    return Double(done) * work / StageClock.seconds(begun.duration(to: .now))
  }

  private static func products<Scalar: BLASScalar>(_: Scalar.Type, _ lanes: Lanes) -> Double {
    let size = 384
    let matrix = Matrix<Scalar>(
      rows: size, columns: size, elements: .init(repeating: 0.5, count: size * size))
    return rate(2 * Double(size * size * size), calls: lanes.width) {
      lanes.forEach(lanes.width) { _ in _ = matrix.multiplied(by: matrix) }
    }
  }

  private static func eigenvalues(_ lanes: Lanes) -> Double {
    let size = 192
    var matrix = Matrix<Double>(
      rows: size, columns: size, elements: .init(repeating: 0, count: size * size))
    for row in 0..<size {
      for column in 0...row {
        let value = 1 / Double(1 + row - column) + (row == column ? Double(row) : 0)
        matrix[row, column] = value
        matrix[column, row] = value
      }
    }
    let symmetric = matrix
    return rate(4 / 3 * Double(size * size * size), calls: lanes.width) {
      lanes.forEach(lanes.width) { _ in
        // A matrix of this form always has eigenvalues; without them the rate would only be lower.
        do { _ = try SymmetricEigen.values(of: symmetric) } catch { return }
      }
    }
  }

  private static func hashing() -> Double {
    let bytes = [UInt8](repeating: 7, count: 4 << 20)
    return rate(Double(bytes.count)) { _ = SHA256Digest(of: bytes) }
  }
}
