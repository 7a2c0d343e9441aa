// Times the kernels of a study on arrays that another process wrote, one command a line:
//   load NAME ROWS COLUMNS PATH    a matrix of little-endian float32
//   heads COUNT                    attention heads of the layer
//   time OPERATION                 runs it, answers "seconds VALUE VALUE …"
// Operations: see `Layer.run`. The other side of each comparison is benchmark.py.

import Foundation
import LinearAlgebra

BLASThreads.set(1)
let width = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
var layer = Layer(lanes: Lanes(width: max(1, width)))

/// One line, at once: the other side waits for it.
func answer(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

while let line = readLine() {
  let words = line.split(separator: " ").map(String.init)
  switch words.first {
  case "load":
    guard words.count == 5, let rows = Int(words[2]), let columns = Int(words[3]) else {
      answer("error: load NAME ROWS COLUMNS PATH")
      continue
    }
    do {
      try layer.load(words[1], rows: rows, columns: columns, path: words[4])
      answer("loaded")
    } catch {
      answer("error: \(error)")
    }
  case "heads":
    layer.heads = words.count == 2 ? Int(words[1]) ?? 1 : 1
    answer("heads \(layer.heads)")
  case "prepare":
    layer.prepareReferences()
    answer("prepared \(layer.referenceCount)")
  case "time":
    var values: [Double] = []
    let clock = ContinuousClock()
    let spent = clock.measure { values = layer.run(words.count == 2 ? words[1] : "") }
    let seconds =
      Double(spent.components.seconds) + 1e-18 * Double(spent.components.attoseconds)
    answer(([seconds] + values).map { "\($0)" }.joined(separator: " "))
  default:
    answer("error: unknown command \(line)")
  }
}
