import Plotting

/// Writes relative path data; positions are rounded absolutely, so that errors never add up.
struct SVGPathWriter {
  private(set) var data = ""
  private let number: SVGNumber
  private var x = 0
  private var y = 0
  private var startX = 0
  private var startY = 0

  init(precision: Int) { number = SVGNumber(precision: precision) }

  mutating func move(_ p: Point) {
    let (nx, ny) = (number.units(p.x), number.units(p.y))
    if data.isEmpty {
      pair("M", nx, ny)
    } else {
      pair("m", nx - x, ny - y)
    }
    (x, y, startX, startY) = (nx, ny, nx, ny)
  }

  mutating func line(_ p: Point) {
    let (nx, ny) = (number.units(p.x), number.units(p.y))
    let (dx, dy) = (nx - x, ny - y)
    if dx == 0, dy == 0 { return }
    if dy == 0 {
      data += "h" + number.text(dx)
    } else if dx == 0 {
      data += "v" + number.text(dy)
    } else {
      pair("l", dx, dy)
    }
    (x, y) = (nx, ny)
  }

  mutating func quadratic(_ control: Point, _ end: Point) {
    let (cx, cy) = (number.units(control.x), number.units(control.y))
    let (nx, ny) = (number.units(end.x), number.units(end.y))
    pair("q", cx - x, cy - y)
    data.appendNumber(number.text(nx - x), first: false)
    data.appendNumber(number.text(ny - y), first: false)
    (x, y) = (nx, ny)
  }

  mutating func close() {
    data += "z"
    (x, y) = (startX, startY)
  }

  mutating func rectangle(_ r: Rect) {
    move(Point(r.x, r.y))
    line(Point(r.right, r.y))
    line(Point(r.right, r.bottom))
    line(Point(r.x, r.bottom))
    close()
  }

  private mutating func pair(_ command: String, _ a: Int, _ b: Int) {
    data += command
    data.appendNumber(number.text(a), first: true)
    data.appendNumber(number.text(b), first: false)
  }
}
