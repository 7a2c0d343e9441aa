/// One number that a unit measured: a row of the measurements without its run, step and probe.
///
/// These are left out because an artifact belongs to contents, not to names.
package struct MeasuredRow: Sendable, Equatable {
  package var layer: Int?
  package var head: Int?
  package var component: String
  package var object: String
  package var metric: String
  package var variant: String
  /// `last`, `all`, `sample`, or empty.
  package var rows: String
  /// `nil` where the quantity is not defined; `gap` says why.
  package var value: Double?
  package var lower: Double?
  package var upper: Double?
  package var n: Int?
  package var gap: String?
  /// The value on each random half of the sequences; NaN where it is not defined there. Empty for
  /// rows without replicates.
  package var halves: [Float]

  package init(
    layer: Int? = nil, head: Int? = nil, component: String, object: String, metric: String,
    variant: String = "default", rows: String = "", value: Double?, lower: Double? = nil,
    upper: Double? = nil, n: Int? = nil, gap: String? = nil, halves: [Float] = []
  ) {
    self.layer = layer
    self.head = head
    self.component = component
    self.object = object
    self.metric = metric
    self.variant = variant
    self.rows = rows
    self.value = value
    self.lower = lower
    self.upper = upper
    self.n = n
    self.gap = gap
    self.halves = halves
  }
}
