/// What can go wrong between a scene and its file.
package enum CairoRenderingError: Error, Equatable, CustomStringConvertible {
  /// Cairo or FreeType refused; `status` is the library's own message.
  case library(scene: String, doing: String, status: String)
  /// A raster beyond what Cairo can hold.
  case size(scene: String, width: Double, height: Double)

  package var description: String {
    switch self {
    case .library(let scene, let doing, let status): "figure \(scene): \(doing): \(status)"
    case .size(let scene, let width, let height):
      "figure \(scene): \(width) × \(height) is not a size that can be drawn (1 to 32,000 each way)"
    }
  }
}
