/// A part of a study's work, as progress and `provenance.json` name it.
package enum StudyStage: String, Sendable, CaseIterable {
  case training
  case audit
  case capture
  case gradients
  case cka
  case weightSpectra = "weight_spectra"
  case gradientSpectra = "gradient_spectra"
  case analysis
  case figures
  case site

  /// The stage in words, for a person.
  package var title: String {
    switch self {
    case .training: "training"
    case .audit: "auditing checkpoints"
    case .capture: "capturing activations"
    case .gradients: "computing gradients"
    case .cka: "comparing checkpoints"
    case .weightSpectra: "measuring weights"
    case .gradientSpectra: "measuring gradients"
    case .analysis: "analysing"
    case .figures: "drawing figures"
    case .site: "building the site"
    }
  }
}
