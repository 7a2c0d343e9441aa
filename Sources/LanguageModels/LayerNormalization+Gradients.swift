import LinearAlgebra

extension LayerNormalization {
  /// The gradients of scale and shift, summed over rows in double precision.
  struct Gradients: Sendable {
    var scale: [Double]
    var shift: [Double]

    init(width: Int) {
      scale = .init(repeating: 0, count: width)
      shift = scale
    }

    mutating func add(_ other: Gradients) {
      for index in scale.indices {
        scale[index] += other.scale[index]
        shift[index] += other.shift[index]
      }
    }
  }

  /// Replaces `dy`, the gradient of the output of `rows` rows, by the gradient of their input `x`,
  /// and returns the gradients of scale and shift. Rows begin `stride` floats apart.
  func replaceByInputGradient(
    _ dy: UnsafeMutablePointer<Float>, at x: UnsafePointer<Float>, rows: Int, stride: Int? = nil,
    lanes: Lanes
  ) throws -> Gradients {
    nonisolated(unsafe) let (x, dy) = (x, dy)
    let stride = stride ?? width
    let grain = 256
    // One sum a range of rows, added in order: the same for every number of lanes.
    let parts = try lanes.map((rows + grain - 1) / grain) { part in
      var sums = Gradients(width: width)
      for row in part * grain..<min(rows, (part + 1) * grain) {
        replaceRow(dy + row * stride, at: x + row * stride, &sums)
      }
      return sums
    }
    var total = Gradients(width: width)
    for part in parts { total.add(part) }
    return total
  }

  /// One row's dx = r (g - mean(g) - x̂ mean(g x̂)) with g = dy γ, x̂ = (x - mean) r,
  /// r = 1 / √(variance + ε); adds dy x̂ and dy to `sums`.
  private func replaceRow(
    _ dy: UnsafeMutablePointer<Float>, at x: UnsafePointer<Float>, _ sums: inout Gradients
  ) {
    let (mean, reciprocal) = moments(x)
    scale.withUnsafeBufferPointer { scale in
      sums.scale.withUnsafeMutableBufferPointer { dScale in
        sums.shift.withUnsafeMutableBufferPointer { dShift in
          guard let scale = scale.baseAddress, let dScale = dScale.baseAddress,
            let dShift = dShift.baseAddress
          else { return }
          typealias Wide = SIMD8<Double>
          var (sum, projection) = (Wide.zero, Wide.zero)
          let whole = width / 8 * 8
          for index in stride(from: 0, to: whole, by: 8) {
            let gradient = VectorMath.load(dy + index)
            let unit = (VectorMath.load(x + index) - mean) * reciprocal
            let g = gradient * VectorMath.load(scale + index)
            sum += Wide(g)
            projection += Wide(g * unit)
            VectorMath.add(Wide(gradient * unit), to: dScale + index)
            VectorMath.add(Wide(gradient), to: dShift + index)
          }
          var (total, projected) = (sum.sum(), projection.sum())
          for index in whole..<width {
            let unit = (x[index] - mean) * reciprocal
            let g = dy[index] * scale[index]
            total += Double(g)
            projected += Double(g * unit)
            dScale[index] += Double(dy[index] * unit)
            dShift[index] += Double(dy[index])
          }
          let meanOfG = isCentred ? Float(total / Double(width)) : 0
          let meanOfProjection = Float(projected / Double(width))
          for index in 0..<width {
            let unit = (x[index] - mean) * reciprocal
            dy[index] = reciprocal * (dy[index] * scale[index] - meanOfG - unit * meanOfProjection)
          }
        }
      }
    }
  }
}
