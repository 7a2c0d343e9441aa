import Markup
import Publishing

/// The table behind a figure over training: one row a step, one column a series.
struct StepTable {
  struct Series {
    var name: String
    /// The spanning head above neighbouring columns; empty for none.
    var group: String = ""
    /// Step → value.
    var values: [Int: Double]
  }

  static func medians(
    caption: String, label: String, columns: [Series], decimals: Int = 3
  ) -> TableBlock {
    let all = Set(columns.flatMap { $0.values.keys }).sorted()
    // A page stays readable, and small: more columns and steps than these stand in the CSV.
    let shown = columns.prefix(24)
    let steps = spread(all)
    var parts: [String] = []
    if columns.count > shown.count { parts.append("first 24 of \(columns.count) columns") }
    if all.count > steps.count { parts.append("\(steps.count) of \(all.count) checkpoints") }
    let more = parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")); all in the CSV)"
    return TableBlock(
      caption: HTML(escaping: caption + more),
      columns: [Column("Step")] + shown.map { Column($0.name, group: $0.group) },
      rows: steps.map { step in
        [.integer(step)]
          + shown.map { series in
            series.values[step].map { .number($0, decimals: decimals) } ?? .none
          }
      }, label: label)
  }

  /// At most 40 of `steps`, evenly spread over their places, the first and the last among them.
  static func spread(_ steps: [Int]) -> [Int] {
    let most = 40
    guard steps.count > most else { return steps }
    return (0..<most).map { steps[$0 * (steps.count - 1) / (most - 1)] }
  }
}

extension String {
  /// `+0.05 [−0.13, 0.23]` whose brackets stay on one line where a line has room for them.
  var unbrokenInterval: String {
    guard let start = firstIndex(of: "[") else { return self }
    return self[..<start] + String(self[start...].map { $0 == " " ? "\u{A0}" : $0 })
  }

  /// `20 %` with a narrow no-break space: number and sign stay on one line.
  var nonBreaking: String {
    var result = ""
    var previous: Character = "x"
    let characters = Array(self)
    for (index, character) in characters.enumerated() {
      if character == " ", previous.isNumber, index + 1 < characters.count,
        characters[index + 1] == "%"
      {
        result.append("\u{202F}")
      } else {
        result.append(character)
      }
      previous = character
    }
    return result
  }
}
