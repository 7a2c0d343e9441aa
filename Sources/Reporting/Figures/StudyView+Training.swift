import Plotting

/// The axis of training, and the schedule under it.
extension StudyView {
  /// Training steps, or tokens where the study asks for them and one number serves all runs.
  func trainingAxis(_ spacing: Axis.Spacing) -> Axis {
    tokensPerStep.map { .tokens(perStep: $0, spacing) } ?? .steps(spacing)
  }

  /// Checkpoints side by side for heatmaps: one axis for all runs where they have the same checkpoints, else each run's
  /// own, without columns of nothing.
  func checkpointAxis(_ grids: [LayerGrid]) -> Axis {
    var axis = trainingAxis(.even)
    let byRun = Dictionary(grouping: grids, by: \.run.name).values.map { grids in
      Set(grids.flatMap(\.steps))
    }
    if let first = byRun.first, byRun.contains(where: { $0 != first }) { axis.sharing = .columns }
    return axis
  }

  /// `95 % interval of a cell: ±0.02 in the median`; empty where no value has an interval.
  func cellInterval(_ grids: [LayerGrid]) -> String {
    let widths = grids.compactMap(\.typicalHalfWidth).sorted()
    guard !widths.isEmpty else { return "" }
    let middle = widths[widths.count / 2]
    return
      "95 % interval of a cell: ±\(Words.number(middle, decimals: Words.places([middle]))) in the median"
      .nonBreaking
  }

  /// What stands above heatmaps by layer: which way layers run, and the interval of a cell where there is one.
  func layersNote(_ interval: String) -> String {
    "Upwards: layers from the input" + (interval.isEmpty ? "" : "; " + interval)
  }

  /// Why an axis in tokens that the study asked for is not there; nil where it is, or was not asked for.
  var missingTokens: String? {
    guard case .tokens = input.trainingAxis, tokensPerStep == nil else { return nil }
    return
      "no training log says how many tokens a step has, or the runs differ: give `figures: {tokens_per_step: N}`"
  }

  /// The learning rate of the runs that a panel shows, each different one once; nil without a log.
  func schedule(_ shown: [RunView]) -> Panel.Schedule? {
    let logged = shown.compactMap { run in schedules[run.name].map { (run, $0) } }
    guard let first = logged.first else { return nil }
    // A schedule that all runs follow is one line without a colour.
    if logged.allSatisfy({ $0.1 == first.1 }) {
      return Panel.Schedule(x: first.1.steps, y: first.1.rates)
    }
    return Panel.Schedule(
      lines: logged.map { run, schedule in
        .init(x: schedule.steps, y: schedule.rates, series: run.label)
      })
  }

  func schedule(_ run: RunView) -> Panel.Schedule? {
    schedules[run.name].map { Panel.Schedule(x: $0.steps, y: $0.rates) }
  }

  /// The caption's sentence on the strip under the panels; empty without one.
  var scheduleSentence: String {
    schedules.isEmpty
      ? ""
      : "Strip: the learning rate, whose decay alone makes a run settle near the end."
  }

  /// `text, n = 128 sequences`: what a similarity was computed over stands in the picture.
  func withSampleSize(_ text: String) -> String {
    guard let n = sequences else { return text }
    return "\(text), n = \(Words.count(n)) \(headline.rows == "last" ? "sequences" : "rows")"
  }
}

/// A run's learning rate over its steps.
struct LearningRateSchedule: Sendable, Equatable {
  let steps: [Double]
  let rates: [Double]

  /// From a log of any length at most 400 lines, the peak and the last among them; nil where fewer
  /// than two lines have a rate.
  init?(_ records: [TrainingRecord]) {
    var known = records.filter { $0.learningRate?.isFinite == true }
    guard known.count > 1 else { return nil }
    if known.count > 400 {
      let peak = known.indices.max {
        (known[$0].learningRate ?? 0) < (known[$1].learningRate ?? 0)
      }
      var places = Set((0..<399).map { $0 * (known.count - 1) / 398 })
      if let peak { places.insert(peak) }
      known = places.sorted().map { known[$0] }
    }
    steps = known.map { Double($0.step) }
    rates = known.map { $0.learningRate ?? 0 }
  }

  /// By run, from all logs.
  static func byRun(_ log: [TrainingRecord]) -> [String: LearningRateSchedule] {
    Dictionary(grouping: log, by: \.run).compactMapValues { records in
      LearningRateSchedule(records.sorted { $0.step < $1.step })
    }
  }

  /// Tokens of a step that every run's log agrees on to a thousandth; nil where they differ or a run
  /// has none.
  static func tokensPerStep(_ log: [TrainingRecord], runs: [String]) -> Double? {
    let byRun = Dictionary(grouping: log, by: \.run)
    var common: Double?
    for run in runs {
      let last = (byRun[run] ?? []).filter { $0.step > 0 && $0.tokens != nil }
        .max { $0.step < $1.step }
      guard let last, let tokens = last.tokens, tokens > 0 else { return nil }
      let perStep = tokens / Double(last.step)
      if let other = common, abs(other - perStep) > 1e-3 * other { return nil }
      common = common ?? perStep
    }
    return common
  }
}
