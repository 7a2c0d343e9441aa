/// Something in the curves that a reader should look at before believing a verdict.
package struct Alarm: Sendable, Equatable, TableRow {
  package enum Kind: String, Sendable, CaseIterable {
    /// CKA flat from early on, far below 1 for the rest of training.
    case flatEarly = "flat_early"
    /// PER rising through training.
    case perRising = "per_rising"
    /// No relation between convergence and PER in a group of layers.
    case relationAbsent = "relation_absent"
    /// The relation between convergence and PER reversed in a group of layers.
    case relationReversed = "relation_reversed"
    case nonFinite = "non_finite"
  }

  package let kind: String
  package let run: String
  package let component: String
  package let object: String
  package let metric: String
  package let probe: String
  /// Ascending.
  package let layers: [Int]
  /// The checkpoints that raise it, ascending.
  package let steps: [Int]
  package let sentence: String
  /// The run's figure that shows it: `cka-by-layer` or `per-by-layer`.
  package let figure: String

  package static let columns = [
    "kind", "run", "component", "object", "metric", "probe", "layers", "steps", "sentence",
  ]

  package var cells: [TableCell] {
    [
      .word(kind), .name(run), .word(component), .word(object), .word(metric), .name(probe),
      .word(Alarm.ranges(layers)), .word(Alarm.ranges(steps)), .name(sentence),
    ]
  }

  init(_ kind: Kind, _ key: CurveKey, layers: [Int], steps: [Int], sentence: String) {
    self.kind = kind.rawValue
    run = key.run
    component = key.component
    object = key.object
    metric = key.metric
    probe = key.probe
    self.layers = layers
    self.steps = steps
    self.sentence = sentence
    figure = key.object == "activations" ? "cka-by-layer" : "per-by-layer"
  }

  /// `0-3 7`: runs of whole numbers that follow each other.
  package static func ranges(_ numbers: [Int]) -> String {
    var parts: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = parts.last, last.upperBound + 1 == number {
        parts[parts.count - 1] = last.lowerBound...number
      } else {
        parts.append(number...number)
      }
    }
    return parts.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }.joined(separator: " ")
  }
}
