import CCairo
import Plotting

/// The four faces as Cairo and FreeType hold them, made from the bytes of the font files, never by name: asked by
/// name, a system may give another face without a word. One renderer call owns one value; nothing is shared.
final class CairoFaces {
  private var library: FT_Library?
  private var faces: [FT_Face] = []
  private var memory: [UnsafeMutableBufferPointer<UInt8>] = []
  private(set) var cairo: [OpaquePointer] = []

  init(_ fonts: FontSet, scene: String) throws {
    guard FT_Init_FreeType(&library) == 0, let library else {
      throw CairoRenderingError.library(scene: scene, doing: "starting FreeType", status: "failed")
    }
    for face in Face.allCases {
      let bytes = fonts.typeface(face).bytes
      let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
      _ = copy.initialize(from: bytes)
      memory.append(copy)
      var handle: FT_Face?
      // SAFETY: FreeType reads from `copy`, which lives until deinit, after the face is done.
      guard FT_New_Memory_Face(library, copy.baseAddress, FT_Long(bytes.count), 0, &handle) == 0,
        let handle
      else {
        throw CairoRenderingError.library(
          scene: scene, doing: "opening face \(face)", status: "not a font")
      }
      faces.append(handle)
      guard let made = cairo_ft_font_face_create_for_ft_face(handle, Int32(FT_LOAD_NO_HINTING))
      else {
        throw CairoRenderingError.library(
          scene: scene, doing: "opening face \(face)", status: "no memory")
      }
      cairo.append(made)
    }
  }

  deinit {
    for face in cairo { cairo_font_face_destroy(face) }
    for face in faces { FT_Done_Face(face) }
    if let library { FT_Done_FreeType(library) }
    for buffer in memory { buffer.deallocate() }
  }
}
