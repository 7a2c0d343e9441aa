/// A panel with its place on the page and its scales.
struct PanelFrame {
  var index: Int
  var rect: Rect
  /// Below the panel: the learning rate, where there is one.
  var strip: Rect?
  var x: PositionScale
  var y: PositionScale
  var xGroup: AxisGroup
  var yGroup: AxisGroup
  var line: Int
  var column: Int
  var showsXLabels: Bool
  var showsYLabels: Bool
  /// The baseline of the name above the panel.
  var nameBaseline: Double
  /// How far the name may reach.
  var nameRight: Double
}
