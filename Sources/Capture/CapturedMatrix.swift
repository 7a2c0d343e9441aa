/// Which matrix of a capture: its section in the artifact.
package struct CapturedMatrix: Sendable, Hashable {
  package enum Form: String, Sendable {
    /// The activation, [rows, d].
    case layer
    /// Head after head in d_h columns each, such that the inner products of a head's rows are
    /// those of its OV activation (`HeadProjection`).
    case heads
  }

  package var layer: Int
  package var component: CaptureSettings.Component
  /// `default` or `published_layout`.
  package var variant: String
  package var form: Form
  /// `last` or `sample`.
  package var rows: String

  package init(
    layer: Int, component: CaptureSettings.Component, variant: String = "default",
    form: Form = .layer, rows: String
  ) {
    self.layer = layer
    self.component = component
    self.variant = variant
    self.form = form
    self.rows = rows
  }

  package var section: String {
    "\(layer)/\(component.rawValue)/\(variant)/\(form.rawValue)/\(rows)"
  }
}

extension CaptureSettings {
  /// The matrices that a capture holds for one layer.
  package func matrices(layer: Int) -> [CapturedMatrix] {
    rows.flatMap { selection in
      Component.allCases.filter(components.contains).flatMap { component -> [CapturedMatrix] in
        let variants =
          component == .ov && publishedLayout ? ["default", "published_layout"] : ["default"]
        let forms: [CapturedMatrix.Form] = component == .ov && heads ? [.layer, .heads] : [.layer]
        return variants.flatMap { variant in
          forms.map {
            CapturedMatrix(
              layer: layer, component: component, variant: variant, form: $0,
              rows: selection.column)
          }
        }
      }
    }
  }
}
