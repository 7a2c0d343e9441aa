/// Formulas in rows and columns: `aligned`, `cases`, matrices.
extension MathParser {
  mutating func environment(start: Int) throws(MathError) -> Atom {
    let name = try words(of: "\\begin")
    guard ["aligned", "cases", "matrix", "pmatrix", "bmatrix", "vmatrix"].contains(name) else {
      throw fail(.unknownCommand("\\begin{\(name)}", nearest: "\\begin{aligned}"), at: start)
    }
    var rows = ""
    var cells = ""
    while true {
      cells += element("mtd", try row(until: .cell))
      guard position < input.count else { throw fail(.unclosed("\\begin{\(name)}"), at: start) }
      if input[position] == "&" {
        position += 1
        continue
      }
      rows += element("mtr", cells)
      cells = ""
      if command() == "\\" {
        consume("\\")
        continue
      }
      consume("end")
      let closed = try words(of: "\\end")
      guard closed == name else { throw fail(.unexpected("\\end{\(closed)}")) }
      break
    }
    let table = "<mtable class=\"\(name)\">\(rows)</mtable>"
    switch name {
    case "cases": return Atom(markup: "<mrow><mo>{</mo>\(table)</mrow>")
    case "pmatrix": return Atom(markup: "<mrow><mo>(</mo>\(table)<mo>)</mo></mrow>")
    case "bmatrix": return Atom(markup: "<mrow><mo>[</mo>\(table)<mo>]</mo></mrow>")
    case "vmatrix": return Atom(markup: "<mrow><mo>|</mo>\(table)<mo>|</mo></mrow>")
    default: return Atom(markup: table)
    }
  }
}
