/// One row of `results/measurements.csv`: a number, and everything that says which number it is.
///
/// The columns are a contract (DESIGN, "Contracts"):
/// `run,step,layer,head,component,object,metric,variant,rows,probe,value,lower,upper,n`.
package struct Measurement: Sendable, Equatable {
  package var run: String
  /// Optimiser updates made before the checkpoint was written.
  package var step: Int
  /// `nil` for a quantity of the whole model.
  package var layer: Int?
  /// `nil` for a whole layer.
  package var head: Int?
  package var component: String
  package var object: String
  package var metric: String
  package var variant: String
  /// `last`, `all`, `sample`, or empty where rows do not apply (weights, gradients).
  package var rows: String
  /// The probe's name, or empty where no probe is involved (weights).
  package var probe: String
  package var value: Double
  package var lower: Double?
  package var upper: Double?
  /// What the value was computed over: sequences for a similarity, targets for a loss.
  package var n: Int?

  package init(
    run: String, step: Int, layer: Int? = nil, head: Int? = nil, component: String,
    object: String, metric: String, variant: String = "default", rows: String = "",
    probe: String = "", value: Double, lower: Double? = nil, upper: Double? = nil, n: Int? = nil
  ) {
    self.run = run
    self.step = step
    self.layer = layer
    self.head = head
    self.component = component
    self.object = object
    self.metric = metric
    self.variant = variant
    self.rows = rows
    self.probe = probe
    self.value = value
    self.lower = lower
    self.upper = upper
    self.n = n
  }
}
