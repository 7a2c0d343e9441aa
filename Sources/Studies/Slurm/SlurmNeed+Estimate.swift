import Capture

extension SlurmNeed {
  /// What `study.yaml` asks for, and where it is silent what the plan suggests.
  ///
  /// An estimate of time that is too short costs a run again, one that is too long only a place in the
  /// queue: three times what the slowest shard should take here, and ten minutes. Memory: what the largest
  /// checkpoint should take and a quarter, and 256 MB.
  init(
    _ settings: SlurmSettings, units: [StudyUnit], owing: [StudyUnit], owners: ShardOwners,
    cost: ([StudyUnit]) -> StudyCost
  ) {
    time = settings.time
    memory = settings.memory
    gatherTime = settings.time
    gatherMemory = settings.memory
    if time == nil {
      let shards = Dictionary(grouping: owing, by: owners.owner)
      let slowest = shards.values.map { own in
        cost(own + Self.captures(neededFor: own, among: units)).seconds
      }.max()
      time = Self.clock(3 * (slowest ?? 0) + 600)
      gatherTime = Self.clock(1800 + Double(units.count))
    }
    if memory == nil {
      let whole = cost(units)
      memory = Self.megabytes(Double(whole.memory) * 1.25 + Double(256 << 20))
      // The table is held as a whole, with every interval: several times what the artifacts take.
      let rows = cost(units.filter { $0.inputs.kind != .capture }).disk
      gatherMemory = Self.megabytes(Double(rows) * 8 + Double(768 << 20))
    }
    // One of the further lines asks by core.
    if settings.lines.contains(where: { $0.hasPrefix("--mem-per-") }) {
      memory = nil
      gatherMemory = nil
    }
  }

  /// Captures of other shards' checkpoints that comparisons of `own` need, and that a shard makes itself
  /// where they are not there yet.
  private static func captures(
    neededFor own: [StudyUnit], among units: [StudyUnit]
  ) -> [StudyUnit] {
    struct Place: Hashable {
      let checkpoint: CheckpointName
      let probe: String?
    }
    let made = Set(own.map { Place(checkpoint: $0.checkpoint, probe: $0.probe) })
    let needed = Set(
      own.compactMap { unit in
        unit.other.map { Place(checkpoint: $0, probe: unit.probe) }
      }
    ).subtracting(made)
    return units.filter {
      $0.inputs.kind == .capture
        && needed.contains(Place(checkpoint: $0.checkpoint, probe: $0.probe))
    }
  }

  /// `D-HH:MM:SS`, rounded up to five minutes.
  static func clock(_ seconds: Double) -> String {
    let minutes = Int((seconds / 300).rounded(.up)) * 5
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
    let days = minutes / 1440
    return (days > 0 ? "\(days)-" : "") + "\(two(minutes / 60 % 24)):\(two(minutes % 60)):00"
  }

  /// Rounded up to 128 MB.
  private static func megabytes(_ bytes: Double) -> String {
    "\(Int((bytes / Double(128 << 20)).rounded(.up)) * 128)M"
  }
}
