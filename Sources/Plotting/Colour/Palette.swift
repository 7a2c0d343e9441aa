/// Colours in order, even in OKLab arc length between neighbours.
package struct Palette: Sendable, Hashable {
  package let colours: [RGB]

  package init(_ hexes: [UInt32]) {
    precondition(!hexes.isEmpty, "a palette needs a colour")
    colours = hexes.map { RGB($0) }
  }

  /// The colour at `t` in 0 … 1, mixed in OKLab between the two nearest anchors.
  package func colour(at t: Double) -> RGB {
    let place = min(1, max(0, t)) * Double(colours.count - 1)
    let lower = min(Int(place), colours.count - 1)
    let rest = place - Double(lower)
    if rest == 0 || lower + 1 == colours.count { return colours[lower] }
    return OKLab(colours[lower]).mixed(OKLab(colours[lower + 1]), rest).rgb
  }

  /// `count` colours at even distances, ends included; a single one lies two thirds of the way, where contrast is good.
  package func spread(_ count: Int) -> [RGB] {
    if count == 1 { return [colour(at: 2 / 3)] }
    return (0..<count).map { colour(at: Double($0) / Double(count - 1)) }
  }

  // Anchors: evenly spaced colours of smooth curves through OKLCh, chosen for contrast and for distance in
  // simulated protan, deutan and tritan vision; the tests measure both.

  package static let sequentialLight = Palette([
    0xf9f7ea, 0xcee4b0, 0x8bcf9f, 0x46b5a1, 0x0796a4, 0x0e759e, 0x22518a, 0x26306a, 0x1c163f,
  ])
  package static let sequentialDark = Palette([
    0x24233c, 0x2f3666, 0x2f4f8a, 0x286ea0, 0x148eab, 0x2cabab, 0x60c5a4, 0x9fd89b, 0xdfe4a6,
  ])
  package static let divergingLight = Palette([
    0x1b4b90, 0x326eaf, 0x5391cb, 0x84b2dd, 0xb9d1e9, 0xeef0f3, 0xedcbb1, 0xe3a675, 0xcf8045,
    0xb25e2b, 0x923d17,
  ])
  package static let divergingDark = Palette([
    0x82c5fd, 0x61a1e1, 0x457ec1, 0x395f93, 0x32445e, 0x282a2d, 0x5a3d29, 0x8b4e2c, 0xb86839,
    0xd98d53, 0xf5b675,
  ])
  package static let sizeLight = Palette([0x35a689, 0x078996, 0x016599, 0x2d3b88, 0x2c1156])
  package static let sizeDark = Palette([0x6a57a8, 0x6281d0, 0x4eacdd, 0x65d2d8, 0xa4f2cf])
  package static let depthLight = Palette([0xca7b28, 0xb34025, 0x81183d, 0x43113b])
  package static let depthDark = Palette([0xa8477a, 0xdf686a, 0xf4a268, 0xfadf97])
  package static let categoricalLight = Palette([
    0x084e92, 0xce7f07, 0x288c85, 0x651731, 0x796200, 0x1f016b,
  ])
  package static let categoricalDark = Palette([
    0x3b63bc, 0xf19553, 0x8ed7cf, 0xce496d, 0xeeec69, 0x0fa3e2,
  ])
}
