import Checkpoints
import Fetching
import Studies

/// What a fetch will do, before it does: for a person and for programs.
struct FetchListing {
  let plans: [FetchPlan]
  let cache: String
  let free: Int
  /// Where steps are removed once measured: after how many further ones.
  var reach: Int?

  /// Bytes to fetch.
  var bytes: Int { ByteCount.sum(plans.map(\.bytes)) }
  var files: Int { plans.reduce(0) { $0 + $1.missing.count } }

  /// Bytes that the listed files take in the cache when all are there.
  private var peak: Int {
    guard let reach else { return ByteCount.sum(plans.map(\.wholeBytes)) }
    // One run after the other; its final checkpoint may stay for the next.
    return plans.map { $0.peakBytes(reach: reach) }.max() ?? 0
  }

  /// Bytes that must be free before anything is fetched.
  var needed: Int { reach == nil ? bytes : min(bytes, peak) }

  var lines: [String] {
    plans.flatMap(lines) + [
      "to fetch: \(files) \(files == 1 ? "file" : "files"), \(ByteCount.words(bytes)) (\(bytes) bytes)",
      "in the cache \(cache): \(ByteCount.words(free)) free; these checkpoints take "
        + "\(ByteCount.words(peak)) there at the peak",
    ]
  }

  private func lines(_ plan: FetchPlan) -> [String] {
    var lines = [
      "\(plan.repository.address): \(plan.revisions.count) "
        + (plan.revisions.count == 1 ? "step" : "steps")
    ]
    let missing = Set(plan.missing.map(\.hash))
    for revision in plan.revisions {
      let files = revision.files.map { file in
        "\(file.path) \(ByteCount.words(file.size))\(missing.contains(file.hash) ? "" : " (there)")"
      }
      lines.append(
        "  \(revision.name)  \(revision.commit)  "
          + (revision.isMeasured ? "measured, weights removed" : files.joined(separator: ", ")))
    }
    lines += plan.gaps.map { "  missing: step \($0.step): \($0.reason)" }
    lines += plan.identical.map { steps in
      "  identical: steps \(steps.map(String.init).joined(separator: ", ")) have the same weights, "
        + "byte for byte"
    }
    return lines
  }

  var json: String {
    JSONText.document(
      .object([
        ("cache", .text(cache)), ("free_bytes", .integer(free)), ("bytes", .integer(bytes)),
        ("files", .integer(files)), ("peak_bytes", .integer(peak)),
        ("repositories", .list(plans.map(Self.json))),
      ]))
  }

  private static func json(_ plan: FetchPlan) -> JSONText.Value {
    let missing = Set(plan.missing.map(\.hash))
    return .object([
      ("repository", .text(plan.repository.address)),
      (
        "revisions",
        .list(
          plan.revisions.map { revision in
            .object([
              ("step", .integer(revision.step)), ("revision", .text(revision.name)),
              ("commit", .text(revision.commit)), ("measured", .flag(revision.isMeasured)),
              (
                "files",
                .list(
                  revision.files.map { file in
                    .object([
                      ("path", .text(file.path)), ("bytes", .integer(file.size)),
                      ("hash", .text(file.hash.name)),
                      ("to_fetch", .flag(missing.contains(file.hash))),
                    ])
                  })
              ),
            ])
          })
      ),
      (
        "missing",
        .list(
          plan.gaps.map { .object([("step", .integer($0.step)), ("reason", .text($0.reason))]) })
      ),
      ("identical", .list(plan.identical.map { .list($0.map { .integer($0) }) })),
    ])
  }
}
