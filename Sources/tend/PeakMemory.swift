import Foundation

/// The largest resident memory of this process so far.
enum PeakMemory {
  static var megabytes: Int? {
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
    // Linux counts kilobytes.
    return Int(usage.ru_maxrss) / 1024
  }
}
