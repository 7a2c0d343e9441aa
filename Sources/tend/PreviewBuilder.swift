import Foundation
import Preview
import Publishing
import Studies
import Synchronization

/// Builds the site of a preview again when one of its files changes.
final class PreviewBuilder: Sendable {
  private let study: Mutex<StudyPreview>
  private let preview: PreviewSite
  private let printer: ProgressPrinter
  private let isStopped = Atomic(false)

  init(_ study: sending StudyPreview, preview: PreviewSite, printer: ProgressPrinter) {
    self.study = Mutex(study)
    self.preview = preview
    self.printer = printer
  }

  /// The first build. A mistake in pages or templates is shown and may be mended; one in the study
  /// itself, or a study without results, is thrown.
  func buildFirst() throws {
    do {
      try study.withLock { study in try show(study, study.rebuildAll()) }
    } catch let error as StudyError {
      throw error
    } catch {
      report(error)
    }
  }

  /// Looks for changes until ``stop()`` is called.
  func watch() {
    var before = seen()
    while !isStopped.load(ordering: .relaxed) {
      let begun = ContinuousClock.now
      var now = seen()
      let look = begun.duration(to: .now)
      if now != before { now = settled(now, since: before) }
      if now != before {
        rebuild(
          sources: now.sources.changes(since: before.sources),
          pages: now.pages.changes(since: before.pages))
        // What changed while it was being built is seen at the next look.
        before = now
      }
      // Looking takes a tenth of the time at most, however many files there are.
      Thread.sleep(forTimeInterval: max(0.01, min(1, 9 * look.seconds)))
    }
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  private struct Seen: Equatable {
    var sources: WatchedFiles
    var pages: WatchedFiles
  }

  private func seen() -> Seen {
    study.withLock { Seen(sources: WatchedFiles($0.sources), pages: WatchedFiles($0.pages)) }
  }

  /// `first`, or what a later look saw: some editors empty a file before they fill it, and a page seen
  /// between the two would be shown empty. Two looks that agree, some milliseconds apart, do; a file
  /// that was emptied is given a fifth of a second.
  private func settled(_ first: Seen, since before: Seen) -> Seen {
    var last = first
    for _ in 0..<40 {
      Thread.sleep(forTimeInterval: 0.005)
      let now = seen()
      let isEmptied =
        now.pages.isEmptied(since: before.pages) || now.sources.isEmptied(since: before.sources)
      if now == last, !isEmptied { break }
      last = now
    }
    return last
  }

  private func rebuild(sources: [String], pages: [String]) {
    let begun = ContinuousClock.now
    do {
      try study.withLock { study in
        let site = sources.isEmpty ? try study.rebuildPages() : try study.rebuildAll()
        preview.show(site, isDrawnAnew: !sources.isEmpty)
        let time = Int((begun.duration(to: .now).seconds * 1000).rounded())
        printer.clear()
        Output.message("built in \(time) ms after \(Self.words(sources + pages))")
        try study.keep(site)
      }
    } catch {
      report(error)
    }
  }

  private func show(_ study: StudyPreview, _ site: BuiltSite) throws {
    preview.show(site)
    try study.keep(site)
  }

  private func report(_ error: any Error) {
    printer.clear()
    Output.message("\(error)")
    preview.show(mistake: "\(error)")
  }

  /// The names of the first few files.
  private static func words(_ files: [String]) -> String {
    let names = files.prefix(3).map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    let more = files.count > 3 ? " and \(files.count - 3) more" : ""
    return "a change of \(names.joined(separator: ", "))\(more)"
  }
}

extension Duration {
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
