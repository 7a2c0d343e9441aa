import CCairo
package import Plotting

/// Scene to PDF: one page of exactly the scene's size, text as text in embedded subsets of the fonts, the title as
/// Title and the alternative text as Subject. The same scene gives the same bytes: the date is fixed, Cairo's version
/// stands in the file.
package struct PDFRenderer: Sendable {
  private let fonts: FontSet

  package init(fonts: FontSet) { self.fonts = fonts }

  /// Throws `CairoRenderingError` where Cairo refuses.
  package func render(_ scene: Scene) throws -> [UInt8] {
    let points = scene.unit.points
    guard scene.width * points >= 1, scene.height * points >= 1, scene.height * points <= 14_400
    else {
      throw CairoRenderingError.size(scene: scene.name, width: scene.width, height: scene.height)
    }
    let faces = try CairoFaces(fonts, scene: scene.name)
    let sink = ByteSink()
    // The sink and the faces must outlive the surface, which writes until it is finished.
    try withExtendedLifetime((sink, faces)) {
      guard
        let surface = cairo_pdf_surface_create_for_stream(
          ByteSink.write, sink.closure, scene.width * points, scene.height * points)
      else {
        throw CairoRenderingError.library(
          scene: scene.name, doing: "making a PDF", status: "no memory")
      }
      defer { cairo_surface_destroy(surface) }
      cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, scene.title)
      cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, scene.description)
      cairo_pdf_surface_set_metadata(
        surface, CAIRO_PDF_METADATA_CREATE_DATE, "2024-01-01T00:00:00Z")
      guard let context = cairo_create(surface) else {
        throw CairoRenderingError.library(
          scene: scene.name, doing: "making a PDF", status: "no memory")
      }
      cairo_scale(context, points, points)
      SceneDrawing(context: context, fonts: fonts, faces: faces, raster: false).draw(scene)
      let status = cairo_status(context)
      cairo_destroy(context)
      cairo_surface_finish(surface)
      try check(status, scene: scene.name, doing: "drawing")
      try check(cairo_surface_status(surface), scene: scene.name, doing: "writing the PDF")
    }
    return sink.bytes
  }
}
