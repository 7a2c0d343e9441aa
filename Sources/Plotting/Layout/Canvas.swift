/// Collects the items of a scene and remembers where text stands.
struct Canvas {
  let fonts: FontSet
  let theme: Theme
  let target: Target
  let metrics: LayoutMetrics
  var items: [SceneItem] = []
  var texts: [Rect] = []
  var positions: [DataPosition] = []

  enum Anchor { case start, middle, end }
  enum Tone { case ink, soft, mark }

  func colour(_ tone: Tone) -> RGB {
    switch tone {
    case .ink: theme.ink
    case .soft: target.rules.softText ? theme.soft : theme.ink
    case .mark: target.rules.colouredText ? theme.mark : theme.ink
    }
  }

  func width(_ text: String, _ face: Face = .regular, _ size: Double) -> Double {
    fonts.width(text, face, size: size)
  }

  func run(
    _ text: String, _ face: Face = .regular, _ size: Double, x: Double, y: Double,
    anchor: Anchor = .start, tone: Tone = .ink
  ) -> TextRun {
    let w = width(text, face, size)
    let start =
      switch anchor {
      case .start: x
      case .middle: x - w / 2
      case .end: x - w
      }
    return TextRun(
      text: text, face: face, size: size, x: start, y: y, width: w, colour: colour(tone))
  }

  mutating func add(_ run: TextRun) {
    guard !run.text.isEmpty else { return }
    items.append(.text(run))
    texts.append(run.box)
  }

  @discardableResult
  mutating func text(
    _ text: String, _ face: Face = .regular, _ size: Double, x: Double, y: Double,
    anchor: Anchor = .start, tone: Tone = .ink
  ) -> TextRun {
    let run = run(text, face, size, x: x, y: y, anchor: anchor, tone: tone)
    add(run)
    return run
  }

  mutating func line(_ points: [Point], _ stroke: Stroke) {
    items.append(.path(ScenePath([points]), fill: nil, stroke: stroke))
  }

  /// A horizontal line whose edges lie on whole pixels on screen.
  mutating func horizontal(_ y: Double, from left: Double, to right: Double, _ colour: RGB) {
    items.append(
      .rectangles(
        [
          Rect(
            x: left, y: metrics.snapped(y - metrics.hairline / 2), width: right - left,
            height: metrics.hairline)
        ], fill: Paint(colour), crisp: metrics.whole))
  }

  func isFree(_ rect: Rect) -> Bool { !texts.contains { $0.overlaps(rect) } }
}
