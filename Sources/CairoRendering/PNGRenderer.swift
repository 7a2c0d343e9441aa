import CCairo
package import Plotting

/// Scene to PNG, 96 pixels to the inch times `scale`.
package struct PNGRenderer: Sendable {
  private let fonts: FontSet

  package init(fonts: FontSet) { self.fonts = fonts }

  /// Throws `CairoRenderingError` for sizes that Cairo cannot hold.
  package func render(_ scene: Scene, scale: Double = 1) throws -> [UInt8] {
    try withDrawnSurface(scene, scale: scale) { surface, width, height in
      guard let data = cairo_image_surface_get_data(surface) else {
        throw CairoRenderingError.library(
          scene: scene.name, doing: "writing the PNG", status: "no memory")
      }
      // SAFETY: the surface lives until this closure returns; RGB24 has four bytes a pixel.
      return PNGEncoding.bytes(
        data, width: width, height: height,
        stride: Int(cairo_image_surface_get_stride(surface)))
    }
  }

  /// The same picture as rows of colours.
  func pixels(_ scene: Scene, scale: Double = 1) throws -> [[RGB]] {
    try withDrawnSurface(scene, scale: scale) { surface, width, height in
      guard let data = cairo_image_surface_get_data(surface) else { return [] }
      let stride = Int(cairo_image_surface_get_stride(surface))
      return (0..<height).map { y in
        (0..<width).map { x in
          // SAFETY: RGB24 has four bytes a pixel, blue first, and `stride` bytes a row.
          let at = y * stride + 4 * x
          return RGB(red: data[at + 2], green: data[at + 1], blue: data[at])
        }
      }
    }
  }

  private func withDrawnSurface<Result>(
    _ scene: Scene, scale: Double, _ body: (OpaquePointer, Int, Int) throws -> Result
  ) throws -> Result {
    let factor = scene.unit.pixels * scale
    let (width, height) = (
      (scene.width * factor).rounded(.up), (scene.height * factor).rounded(.up)
    )
    guard (1...32_000).contains(width), (1...32_000).contains(height) else {
      throw CairoRenderingError.size(scene: scene.name, width: width, height: height)
    }
    let faces = try CairoFaces(fonts, scene: scene.name)
    guard
      let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
    else {
      throw CairoRenderingError.library(
        scene: scene.name, doing: "making a picture", status: "no memory")
    }
    defer { cairo_surface_destroy(surface) }
    guard let context = cairo_create(surface) else {
      throw CairoRenderingError.library(
        scene: scene.name, doing: "making a picture", status: "no memory")
    }
    cairo_scale(context, factor, factor)
    withExtendedLifetime(faces) {
      SceneDrawing(context: context, fonts: fonts, faces: faces, raster: true).draw(scene)
    }
    let status = cairo_status(context)
    cairo_destroy(context)
    try check(status, scene: scene.name, doing: "drawing")
    cairo_surface_flush(surface)
    return try body(surface, Int(width), Int(height))
  }
}
