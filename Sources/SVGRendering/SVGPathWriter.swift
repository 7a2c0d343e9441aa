import Plotting

/// Writes relative path data; positions are rounded absolutely, so that errors never add up.
struct SVGPathWriter {
  private(set) var data: [UInt8] = []
  private let number: SVGNumber
  private var x = 0
  private var y = 0
  private var startX = 0
  private var startY = 0

  init(precision: Int) { number = SVGNumber(precision: precision) }

  mutating func move(_ p: Point) {
    let (nx, ny) = (number.units(p.x), number.units(p.y))
    if data.isEmpty {
      pair(UInt8(ascii: "M"), nx, ny)
    } else {
      pair(UInt8(ascii: "m"), nx - x, ny - y)
    }
    (x, y, startX, startY) = (nx, ny, nx, ny)
  }

  mutating func line(_ p: Point) {
    let (nx, ny) = (number.units(p.x), number.units(p.y))
    let (dx, dy) = (nx - x, ny - y)
    if dx == 0, dy == 0 { return }
    if dy == 0 {
      data.append(UInt8(ascii: "h"))
      number.append(dx, to: &data)
    } else if dx == 0 {
      data.append(UInt8(ascii: "v"))
      number.append(dy, to: &data)
    } else {
      pair(UInt8(ascii: "l"), dx, dy)
    }
    (x, y) = (nx, ny)
  }

  mutating func quadratic(_ control: Point, _ end: Point) {
    let (cx, cy) = (number.units(control.x), number.units(control.y))
    let (nx, ny) = (number.units(end.x), number.units(end.y))
    pair(UInt8(ascii: "q"), cx - x, cy - y)
    separated(nx - x)
    separated(ny - y)
    (x, y) = (nx, ny)
  }

  mutating func close() {
    data.append(UInt8(ascii: "z"))
    (x, y) = (startX, startY)
  }

  mutating func rectangle(_ r: Rect) {
    move(Point(r.x, r.y))
    line(Point(r.right, r.y))
    line(Point(r.right, r.bottom))
    line(Point(r.x, r.bottom))
    close()
  }

  private mutating func pair(_ command: UInt8, _ a: Int, _ b: Int) {
    data.append(command)
    number.append(a, to: &data)
    separated(b)
  }

  /// A further number, with a space only where it separates.
  private mutating func separated(_ units: Int) {
    if units >= 0 { data.append(UInt8(ascii: " ")) }
    number.append(units, to: &data)
  }
}
