import Plotting

/// Full colour blindness after Machado, Oliveira & Fernandes 2009, severity 1, on linear light.
enum ColorVision: String, CaseIterable {
  case normal, protan, deutan, tritan

  private var matrix: [[Double]]? {
    switch self {
    case .normal: nil
    case .protan:
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    case .deutan:
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    case .tritan:
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    }
  }

  func seen(_ colour: RGB) -> OKLab {
    let c = colour.linear
    guard let m = matrix else { return OKLab(linear: c.red, c.green, c.blue) }
    let out = m.map { row in
      min(1, max(0, row[0] * c.red + row[1] * c.green + row[2] * c.blue))
    }
    return OKLab(linear: out[0], out[1], out[2])
  }

  /// The smallest distance of two of the colours, 100 times OKLab units.
  func worst(_ colours: [RGB]) -> Double {
    var worst = Double.infinity
    for i in colours.indices {
      for j in colours.indices where j > i {
        worst = min(worst, 100 * seen(colours[i]).distance(to: seen(colours[j])))
      }
    }
    return worst
  }
}
