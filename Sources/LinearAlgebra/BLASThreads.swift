import COpenBLAS

/// The number of threads that BLAS and LAPACK use inside one call, for the whole process.
///
/// OpenBLAS keeps one pool: a task group that runs `w` units at once sets this to 1, so that
/// threads are never oversubscribed.
package enum BLASThreads {
  package static var count: Int { Int(openblas_get_num_threads()) }

  package static func set(_ count: Int) {
    precondition(count >= 1, "\(count) BLAS threads")
    openblas_set_num_threads(Int32(clamping: count))
  }

  /// The library with its version and options, for provenance ("OpenBLAS 0.3.21 DYNAMIC_ARCH …").
  package static var configuration: String {
    String(cString: openblas_get_config()).split(separator: " ").joined(separator: " ")
  }

  /// The kernel that OpenBLAS chose for this processor, for provenance ("Zen", "SkylakeX").
  package static var kernelName: String { String(cString: openblas_get_corename()) }
}
