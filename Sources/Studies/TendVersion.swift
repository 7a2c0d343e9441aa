/// The version of the program, as `tend --version` and `provenance.json` give it.
package enum TendVersion {
  package static let current = "0.1.0"
}
