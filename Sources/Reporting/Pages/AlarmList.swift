import Dynamics
import Markup
import Publishing

/// Alarms as notices with a link to their figure.
enum AlarmList {
  /// The alarms of one run, one notice a kind, one line an alarm.
  static func put(_ alarms: [Alarm], into body: inout PageBody, context: PageContext) {
    let lines = alarms.prefix(longest).map { alarm -> (name: String, line: HTML) in
      (
        name(alarm.kind),
        "\(Words.capitalized(alarm.sentence)) \(place(alarm))\(probe(alarm, context)) \(link(alarm, context: context))"
      )
    }
    put(lines, into: &body)
    if alarms.count > longest {
      body.note("\(Words.counted(alarms.count - longest, "more alarm")) of this run not shown.")
    }
    body.note(HTML(escaping: Alarm.meaning(of: alarms.map(\.kind))))
  }

  /// A page has room for so many.
  private static let longest = 60

  /// A notice for each name, with its lines.
  private static func put(_ lines: [(name: String, line: HTML)], into body: inout PageBody) {
    var names: [String] = []
    for line in lines where !names.contains(line.name) { names.append(line.name) }
    for name in names {
      body.notice(name + ".", lines.filter { $0.name == name }.map(\.line), tone: .alarm)
    }
  }

  /// One notice a kind, a line a matrix, with the runs that it touches; the layers stand on their pages.
  static func putByKind(_ alarms: [Alarm], into body: inout PageBody, context: PageContext) {
    var order: [[String]] = []
    var groups: [[String]: [Alarm]] = [:]
    for alarm in alarms {
      let key = [alarm.kind, alarm.component, alarm.object, alarm.metric]
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(alarm)
    }
    var lines: [(name: String, line: HTML)] = []
    for key in order {
      let group = groups[key] ?? []
      let touched = Set(group.map(\.run))
      let runs = context.study.runs.filter { touched.contains($0.name) }
      let links = runs.map { run in
        figure(group.first { $0.run == run.name }, run, context)
          .map { Link(to: context.map.run(run).link($0), run.name) }
          ?? Link(to: context.map.run(run), run.name)
      }.joined(separator: ", ")
      let layers = Set(group.flatMap { alarm in alarm.layers.map { "\(alarm.run)/\($0)" } }).count
      let of: HTML = layers > 0 ? ", \(Words.counted(layers, "layer"))" : HTML()
      let what = subject(group[0])
      lines.append(
        (name(key[0]), "\(what)\(of)\(span(group))\(probes(group, context)): \(links)"))
    }
    put(lines, into: &body)
    body.note(HTML(escaping: Alarm.meaning(of: order.map { $0[0] })))
  }

  /// What the alarms are called, each kind once, in their order.
  static func kinds(_ alarms: [Alarm]) -> [String] {
    var names: [String] = []
    for alarm in alarms where !names.contains(name(alarm.kind)) { names.append(name(alarm.kind)) }
    return names
  }

  /// What an alarm is called.
  private static func name(_ kind: String) -> String {
    switch kind {
    case "flat_early": "CKA is flat early, far below 1"
    case "per_rising": "PER rises through training"
    case "relation_absent": "No relation of rank and convergence in a group of layers"
    case "relation_reversed": "Rank and convergence are related the other way in a group of layers"
    case "non_finite": "Values are missing or not finite"
    default: Words.capitalized(AuditFigure.words(kind))
    }
  }

  /// What is looked at: one quantity, or the two of a relation.
  private static func subject(_ alarm: Alarm) -> String {
    guard alarm.kind.hasPrefix("relation") else {
      let name = MedianCurves.objectName(alarm.component, alarm.object)
      return alarm.kind == "non_finite"
        ? "\(Vocabulary.metric(alarm.metric)), \(name)" : name
    }
    let matrix = alarm.component == "attention" ? "ov" : alarm.component
    return "\(Vocabulary.activation(alarm.component)) against PER of "
      + "\(Vocabulary.short(matrix)) \(alarm.object)"
  }

  /// `Layers 0–3, 7; steps 16 to 2,500.`
  private static func place(_ alarm: Alarm) -> String {
    var parts: [String] = []
    // The sentence of a relation names its layers.
    if !alarm.layers.isEmpty, !alarm.kind.hasPrefix("relation") {
      parts.append(
        "\(alarm.layers.count == 1 ? "layer" : "layers") \(Alarm.ranges(alarm.layers).map { $0 == " " ? ", " : $0 == "-" ? "–" : String($0) }.joined())"
      )
    }
    if let first = alarm.steps.first, let last = alarm.steps.last {
      parts.append(
        alarm.steps.count <= 4
          ? "steps \(Words.list(alarm.steps.map { Words.count($0) }))"
          : "\(Words.count(alarm.steps.count)) checkpoints from step \(Words.count(first)) to \(Words.count(last))"
      )
    }
    return parts.isEmpty ? "" : Words.capitalized(parts.joined(separator: "; ")) + "."
  }

  /// ` Probe b.` where the study has several.
  private static func probe(_ alarm: Alarm, _ context: PageContext) -> String {
    context.study.probes.count > 1 && !alarm.probe.isEmpty ? " Probe \(alarm.probe)." : ""
  }

  private static func probes(_ alarms: [Alarm], _ context: PageContext) -> String {
    let named = Set(alarms.map(\.probe)).subtracting([""])
    guard context.study.probes.count > 1, !named.isEmpty else { return "" }
    let ordered = context.study.probes.filter(named.contains)
    return ", \(ordered.count > 1 ? "probes" : "probe") \(Words.list(ordered))"
  }

  /// `, steps 16 to 3,000`.
  private static func span(_ alarms: [Alarm]) -> String {
    let steps = alarms.flatMap(\.steps)
    guard let first = steps.min(), let last = steps.max() else { return "" }
    return first == last
      ? ", step \(Words.count(first))" : ", steps \(Words.count(first)) to \(Words.count(last))"
  }

  private static func link(_ alarm: Alarm, context: PageContext) -> HTML {
    guard let run = context.study.runs.first(where: { $0.name == alarm.run }),
      let figure = figure(alarm, run, context)
    else { return HTML() }
    return Link(to: context.map.run(run).link(figure), "Figure")
  }

  /// The figure of the run's page that shows it; nil where the study lacks it.
  private static func figure(_ alarm: Alarm?, _ run: RunView, _ context: PageContext) -> String? {
    guard let alarm else { return nil }
    let id = "\(run.slug)-\(alarm.figure)"
    return context.catalogue[id] == nil ? nil : id
  }
}
