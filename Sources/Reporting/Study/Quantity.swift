/// What is measured, without where: the columns of the table that a figure holds fixed.
struct Quantity: Hashable, Sendable {
  var component: String
  var object: String
  var metric: String
  var variant: String = "default"
  var rows: String = ""
  var probe: String = ""

  static func similarity(
    _ metric: String, of component: String, variant: String = "default", rows: String,
    probe: String
  ) -> Quantity {
    Quantity(
      component: component, object: "activations", metric: metric, variant: variant, rows: rows,
      probe: probe)
  }
}
