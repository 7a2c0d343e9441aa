import Capture
import Tensors

/// What `provenance.json` says of one unit of work: which rows came from it, and from what.
struct UnitRecord: Sendable {
  /// The rows that a unit gave, by what of their key the unit alone does not say.
  struct Rows: Sendable, Hashable {
    /// The file of the results, without `.csv`.
    let table: String
    let object: String
    let metric: String
    /// The column `rows`.
    let rows: String
  }

  let name: String
  let stage: String
  /// `KIND/HEX`: the artifact's place in the working folder, the hash of its inputs.
  let key: String
  /// `nil`, as the step, for the analysis and the figures, which are made from all runs.
  let run: String?
  let step: Int?
  let probe: String?
  /// How many rows of each sort.
  let values: [(rows: Rows, count: Int)]
  /// Everything that the numbers depend on, the method's version last.
  let inputs: [(name: String, value: String)]
  /// `nil` for an artifact of a version that noted nothing.
  let origin: UnitOrigin?

  init(_ unit: StudyUnit, values: [Rows: Int], origin: UnitOrigin?) {
    name = unit.name
    stage = unit.stage.rawValue
    key = unit.key.description
    run = unit.checkpoint.run
    step = unit.checkpoint.step
    probe = unit.probe
    self.values = Self.sorted(values)
    inputs = unit.inputs.entries.map { ($0.name, $0.value) }
    self.origin = origin
  }

  init(_ unit: ReportUnit, values: [Rows: Int], origin: UnitOrigin?) {
    name = unit.name
    stage = unit.stage.rawValue
    key = unit.key.description
    run = nil
    step = nil
    probe = nil
    self.values = Self.sorted(values)
    inputs = unit.inputs.entries.map { ($0.name, $0.value) }
    self.origin = origin
  }

  private static func sorted(_ values: [Rows: Int]) -> [(rows: Rows, count: Int)] {
    values.sorted {
      ($0.key.table, $0.key.object, $0.key.metric, $0.key.rows)
        < ($1.key.table, $1.key.object, $1.key.metric, $1.key.rows)
    }.map { ($0.key, $0.value) }
  }

  /// `environment`: the place of the origin's among those that the file lists.
  func json(environment: Int?) -> JSONText.Value {
    let place: [(String, JSONText.Value)] =
      run == nil ? [] : [("run", .text(run)), ("step", .integer(step)), ("probe", .text(probe))]
    return .object(
      [
        ("unit", .text(name)), ("stage", .text(stage)), ("key", .text(key)),
      ] + place + [
        (
          "rows",
          .list(
            values.map { value in
              .object([
                ("table", .text(value.rows.table)), ("object", .text(value.rows.object)),
                ("metric", .text(value.rows.metric)),
                ("rows", .text(value.rows.rows)), ("values", .integer(value.count)),
              ])
            })
        ),
        ("inputs", .object(inputs.map { ($0.name, .text($0.value)) })),
        ("environment", .integer(environment)), ("date", .text(origin?.date)),
        ("seconds", .number(origin?.seconds)),
      ])
  }

  /// What `json` wrote; `nil` where a member that identifies the unit is missing.
  init?(_ json: JSONValue, environments: [UnitOrigin.Environment]) {
    guard let name = json["unit"]?.string, let stage = json["stage"]?.string,
      let key = json["key"]?.string
    else { return nil }
    self.name = name
    self.stage = stage
    self.key = key
    run = json["run"]?.string
    step = json["step"]?.integer
    probe = json["probe"]?.string
    values = (json["rows"]?.elements ?? []).compactMap { entry in
      guard let table = entry["table"]?.string, let object = entry["object"]?.string,
        let metric = entry["metric"]?.string,
        let rows = entry["rows"]?.string, let count = entry["values"]?.integer
      else { return nil }
      return (Rows(table: table, object: object, metric: metric, rows: rows), count)
    }
    inputs = (json["inputs"]?.members ?? []).compactMap { member in
      member.value.string.map { (member.name, $0) }
    }
    if let index = json["environment"]?.integer, environments.indices.contains(index) {
      var origin = UnitOrigin(json)
      origin.environment = environments[index]
      self.origin = origin
    } else {
      origin = nil
    }
  }
}
