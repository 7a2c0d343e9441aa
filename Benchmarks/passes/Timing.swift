import Foundation
import LanguageModels
import LinearAlgebra

/// Times passes over one model. Weights are read from the file within the time measured, as a study
/// reads them.
struct Timing {
  let stored: StoredModel
  let lanes: Lanes

  /// One line of JSON for one command.
  func run(_ command: String) throws -> String {
    let (model, batch) = (stored.model, stored.batch)
    switch command {
    case "forward":
      return try measured { try model.forward(batch, lanes: lanes).loss }
    case "analysed", "all":
      return try measured {
        try model.gradients(
          batch, of: command == "all" ? .all : .analysed, lanes: lanes, receiver: { _ in }
        ).loss
      }
    case "sgemm":
      return "{\"flops\": \(productRate())}"
    default: throw Usage()
    }
  }

  /// Seconds by the clock, processor seconds, the loss, and the process's peak memory.
  private func measured(_ body: () throws -> Double) rethrows -> String {
    let (start, processor) = (ContinuousClock.now, usage().seconds)
    let loss = try body()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let now = usage()
    return "{\"seconds\": \(seconds), \"cpu\": \(now.seconds - processor), \"loss\": \(loss), "
      + "\"peak\": \(now.peak)}"
  }

  private func usage() -> (seconds: Double, peak: Int) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let times = [usage.ru_utime, usage.ru_stime]
    return (
      times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 },
      Int(usage.ru_maxrss) * 1024
    )
  }

  /// The best rate of three products of 3,072 x 3,072 matrices with BLAS's own threads, in FLOP/s.
  private func productRate() -> Double {
    let n = 3072
    let a = (0..<n * n).map { Float($0 % 13) - 6 }
    var c = [Float](repeating: 0, count: n * n)
    BLASThreads.set(lanes.width)
    defer { BLASThreads.set(1) }
    var best = Double.infinity
    for _ in 0..<3 {
      let start = ContinuousClock.now
      Float.gemm(
        .none, .none, m: n, n: n, k: n, alpha: 1, a, lda: n, a, ldb: n, beta: 0, &c, ldc: n)
      best = min(best, (ContinuousClock.now - start) / .seconds(1))
    }
    return 2 * Double(n * n) * Double(n) / best
  }
}
