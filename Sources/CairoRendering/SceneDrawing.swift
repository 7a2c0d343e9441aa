import CCairo
import Plotting

/// Draws the items of a scene on a Cairo context whose unit is the scene's.
struct SceneDrawing {
  let context: OpaquePointer
  let fonts: FontSet
  let faces: CairoFaces
  /// Whether the result is pixels: cells are then drawn without smoothing.
  let raster: Bool

  func draw(_ scene: Scene) {
    if let options = cairo_font_options_create() {
      cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
      cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
      cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
      cairo_set_font_options(context, options)
      cairo_font_options_destroy(options)
    }
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    source(Paint(scene.background))
    // The whole surface: a size in whole pixels may reach a little beyond the scene.
    cairo_paint(context)
    for item in scene.items { draw(item) }
  }

  private func draw(_ item: SceneItem) {
    switch item {
    case .rectangles(let rects, let fill, let crisp):
      for r in rects { cairo_rectangle(context, r.x, r.y, r.width, r.height) }
      if crisp && raster { cairo_set_antialias(context, CAIRO_ANTIALIAS_NONE) }
      source(fill)
      cairo_fill(context)
      if crisp && raster { cairo_set_antialias(context, CAIRO_ANTIALIAS_DEFAULT) }
    case .cells(let cells, _): draw(cells)
    case .path(let path, let fill, let stroke):
      for line in path.lines {
        guard let first = line.first else { continue }
        cairo_move_to(context, first.x, first.y)
        for p in line.dropFirst() { cairo_line_to(context, p.x, p.y) }
        if path.closed { cairo_close_path(context) }
      }
      paint(fill, stroke)
    case .circle(let centre, let radius, let fill, let stroke):
      cairo_new_sub_path(context)
      cairo_arc(context, centre.x, centre.y, radius, 0, 2 * Double.pi)
      cairo_close_path(context)
      paint(fill, stroke)
    case .text(let run): draw(run)
    case .group(let clip, let items):
      cairo_save(context)
      cairo_rectangle(context, clip.x, clip.y, clip.width, clip.height)
      cairo_clip(context)
      for item in items { draw(item) }
      cairo_restore(context)
    }
  }

  /// On paper each cell reaches under its right and lower neighbours, which are drawn after it: no viewer at no zoom then
  /// shows a seam. In pixels the cells are drawn as they are, unsmoothed.
  private func draw(_ cells: [ColourCell]) {
    if raster { cairo_set_antialias(context, CAIRO_ANTIALIAS_NONE) }
    let reach = raster ? 0 : 1.0
    for cell in cells {
      let r = cell.rect
      cairo_rectangle(
        context, r.x, r.y, r.width + (cell.joinsRight ? reach : 0),
        r.height + (cell.joinsBelow ? reach : 0))
      source(Paint(cell.colour))
      cairo_fill(context)
    }
    if raster { cairo_set_antialias(context, CAIRO_ANTIALIAS_DEFAULT) }
  }

  private func source(_ paint: Paint) {
    let c = paint.colour
    let (r, g, b) = (Double(c.red) / 255, Double(c.green) / 255, Double(c.blue) / 255)
    if paint.opacity < 1 {
      cairo_set_source_rgba(context, r, g, b, paint.opacity)
    } else {
      cairo_set_source_rgb(context, r, g, b)
    }
  }

  private func paint(_ fill: Paint?, _ stroke: Stroke?) {
    if let fill {
      source(fill)
      cairo_fill_preserve(context)
    }
    if let stroke {
      source(stroke.paint)
      cairo_set_line_width(context, stroke.width)
      cairo_set_line_cap(context, stroke.roundCaps ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
      stroke.dash.withUnsafeBufferPointer {
        cairo_set_dash(context, $0.baseAddress, Int32(clamping: $0.count), 0)
      }
      cairo_stroke_preserve(context)
    }
    cairo_new_path(context)
  }

  /// One call a string, with its text beside the glyphs, so that a reader of a PDF can select and search it.
  private func draw(_ run: TextRun) {
    cairo_set_font_face(context, faces.cairo[run.face.rawValue])
    cairo_set_font_size(context, run.size)
    source(Paint(run.colour))
    let unit = run.size / Double(fonts.typeface(run.face).unitsPerEm)
    let placed = fonts.shape(run.text, run.face).glyphs
    let glyphs = placed.map {
      cairo_glyph_t(index: UInt($0.glyph), x: run.x + Double($0.x) * unit, y: run.y)
    }
    // Shaping gives a glyph a scalar, so each cluster is one glyph and the scalar's bytes.
    let clusters = run.text.unicodeScalars.map {
      cairo_text_cluster_t(num_bytes: Int32($0.utf8.count), num_glyphs: 1)
    }
    let text = run.text
    glyphs.withUnsafeBufferPointer { glyphs in
      clusters.withUnsafeBufferPointer { clusters in
        cairo_show_text_glyphs(
          context, text, Int32(clamping: text.utf8.count), glyphs.baseAddress,
          Int32(clamping: glyphs.count), clusters.baseAddress, Int32(clamping: clusters.count),
          cairo_text_cluster_flags_t(rawValue: 0))
      }
    }
  }
}
