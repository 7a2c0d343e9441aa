import CCairo

/// Collects the bytes that a Cairo surface writes.
final class ByteSink {
  var bytes: [UInt8] = []

  /// For Cairo's stream functions; `closure` must point to a ByteSink that outlives the surface.
  static let write: cairo_write_func_t = { closure, data, length in
    guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
    // SAFETY: `closure` is the retained sink of the call that made the surface.
    let sink = Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
    sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
    return CAIRO_STATUS_SUCCESS
  }

  var closure: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
}

func check(_ status: cairo_status_t, scene: String, doing: String) throws {
  guard status == CAIRO_STATUS_SUCCESS else {
    let text = cairo_status_to_string(status).map { String(cString: $0) } ?? "unknown status"
    throw CairoRenderingError.library(scene: scene, doing: doing, status: text)
  }
}
