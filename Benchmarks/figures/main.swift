// Draws two figures from ROWS.csv, each as SVG, PDF and PNG, and prints one line of JSON a figure:
//   figure-bench FONTS ROWS.csv
// FONTS is the folder of tend-sans-*.ttf. ROWS.csv (run,metric,layer,replicate,step,value) is written where it is
// missing: five models, three measures, 27 checkpoints, 39,690 rows, the same on every machine.

import CairoRendering
import Foundation
import Plotting
import SVGRendering

struct Row {
  var run: String
  var metric: String
  var layer: Double
  var replicate: Int
  var step: Double
  var value: Double
}

let runs = [("70M", 6), ("160M", 12), ("410M", 24), ("1.4B", 24), ("2.8B", 32)]
let metrics = ["CKA", "PER, weights", "PER, gradients"]
let steps: [Double] =
  [0] + (0..<10).map { Double(1 << $0) } + [1000, 3000]
  + (1...14).map { 3000 + 10_000 * Double($0) }

func makeRows() -> String {
  var text = "run,metric,layer,replicate,step,value\n"
  var state: UInt64 = 20_241_111
  for metric in metrics {
    for (r, run) in runs.enumerated() {
      for layer in 0..<run.1 {
        for replicate in 0..<5 {
          for step in steps {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = Double(state >> 33) / Double(UInt64(1) << 31) - 0.5
            let u = log2(1 + step) / log2(143_001)
            let value = min(1, max(0, pow(u, 1 + 0.2 * Double(r)) + 0.1 * noise))
            text += "\(run.0),\"\(metric)\",\(layer),\(replicate),\(Int(step)),\(value)\n"
          }
        }
      }
    }
  }
  return text
}

func readRows(_ text: String) -> [Row] {
  text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
    let quoted = line.split(separator: "\"", omittingEmptySubsequences: false)
    guard quoted.count == 3 else { return nil }
    let rest = quoted[2].split(separator: ",")
    guard rest.count == 4, let layer = Double(rest[0]), let replicate = Int(rest[1]),
      let step = Double(rest[2]), let value = Double(rest[3])
    else { return nil }
    return Row(
      run: String(quoted[0].dropLast()), metric: String(quoted[1]), layer: layer,
      replicate: replicate, step: step, value: value)
  }
}

func quantile(_ sorted: [Double], _ p: Double) -> Double {
  let place = p * Double(sorted.count - 1)
  let i = Int(place)
  if i + 1 >= sorted.count { return sorted[i] }
  return sorted[i] + (place - Double(i)) * (sorted[i + 1] - sorted[i])
}

/// Medians with quartile bands, five models in three panels.
func resultFigure(_ rows: [Row]) -> Figure {
  var groups: [String: [String: [Double: [Double]]]] = [:]
  for row in rows {
    groups[row.metric, default: [:]][row.run, default: [:]][row.step, default: []].append(row.value)
  }
  var figure = Figure(
    id: "result", title: "Result", description: "Medians over layers, by model.",
    note: "Median over layers; shaded: quartiles", x: .steps(.log2), y: .linear(0...1),
    series: .size(runs.map(\.0)))
  for metric in metrics {
    var marks: [Mark] = []
    for (run, _) in runs {
      let group = groups[metric]?[run] ?? [:]
      let x = group.keys.sorted()
      let values = x.map { (group[$0] ?? []).sorted() }
      marks.append(
        .band(
          x: x, lower: values.map { quantile($0, 0.25) }, upper: values.map { quantile($0, 0.75) },
          style: .interval(run)))
      marks.append(.line(x: x, y: values.map { quantile($0, 0.5) }, series: run))
    }
    figure.panels.append(Panel(metric, marks: marks))
  }
  return figure
}

/// Layer by step, two measures by five models.
func heatmaps(_ rows: [Row]) -> Figure {
  var groups: [String: [String: [Double: [Double: Double]]]] = [:]
  for row in rows where row.replicate == 0 {
    groups[row.metric, default: [:]][row.run, default: [:]][row.layer, default: [:]][row.step] =
      row.value
  }
  var figure = Figure(
    id: "heatmaps", title: "Heatmaps", description: "Layer by step.", x: .steps(.even),
    y: .layers(), color: .sequential(0...1, title: "Value"))
  for metric in metrics.prefix(2) {
    for (run, _) in runs {
      let group = groups[metric]?[run] ?? [:]
      let layers = group.keys.sorted()
      let values = layers.flatMap { layer in steps.map { group[layer]?[$0] ?? .nan } }
      figure.panels.append(
        Panel(run, row: metric, marks: [.tiles(x: steps, y: layers, values: values)]))
    }
  }
  return figure
}

guard CommandLine.arguments.count == 3 else {
  FileHandle.standardError.write(Data("usage: figure-bench FONTS ROWS.csv\n".utf8))
  exit(2)
}
let folder = URL(fileURLWithPath: CommandLine.arguments[1])
let table = URL(fileURLWithPath: CommandLine.arguments[2])
if !FileManager.default.fileExists(atPath: table.path) {
  try makeRows().write(to: table, atomically: true, encoding: .utf8)
}
func face(_ name: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: folder.appendingPathComponent("tend-sans-\(name).ttf")))
}
let rows = readRows(try String(contentsOf: table, encoding: .utf8))
let fonts = try FontSet(
  regular: face("regular"), semibold: face("semibold"), bold: face("bold"), italic: face("italic"))
let clock = ContinuousClock()
for (name, make) in [("result", resultFigure), ("heatmaps", heatmaps)] {
  var times: [Double] = []
  var bytes = (svg: 0, pdf: 0, png: 0)
  for _ in 0..<9 {
    let start = clock.now
    let scene = try make(rows).scene(for: .wide, theme: .light, fonts: fonts)
    bytes.svg = try SVGRenderer(fonts: fonts).render(scene).count
    bytes.pdf = try PDFRenderer(fonts: fonts).render(scene).count
    bytes.png = try PNGRenderer(fonts: fonts).render(scene).count
    let spent = (clock.now - start).components
    times.append(Double(spent.seconds) * 1000 + Double(spent.attoseconds) / 1e15)
  }
  times.sort()
  print(
    "{\"program\": \"tend\", \"figure\": \"\(name)\", \"rows\": \(rows.count), \"median_ms\": \(fixed(times[4], 1)), \"svg\": \(bytes.svg), \"pdf\": \(bytes.pdf), \"png\": \(bytes.png)}"
  )
}
