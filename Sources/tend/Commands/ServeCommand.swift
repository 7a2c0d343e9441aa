import ArgumentParser
import Dispatch
import Foundation
import Preview
import Studies

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Previews the site on this machine and builds it again when something changes.",
    discussion: """
      Watches study.yaml, the stored results, the author's pages and templates. A page that is open \
      in a browser loads again when the site was built anew; what is wrong stands there and in the \
      terminal. Listens on 127.0.0.1 alone. Ctrl-C stops it.
      """)

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  @Option(help: "The port; default: 8000, or the next one that is free. 0: any.")
  var port: UInt16?

  func run() async throws {
    let printer = running.printer()
    let study = StudyPreview(
      file: argument.study, options: running.options(), events: { printer.handle($0) })
    let preview = PreviewSite()
    let builder = PreviewBuilder(study, preview: preview, printer: printer)
    // A study that is no study is an error at once; mistakes made later are shown and mended.
    try builder.buildFirst()
    let (server, address) = try await listening(preview)
    printer.clear()
    Output.result(address)
    Output.message("Ctrl-C stops the preview")
    // A thread of its own: building takes seconds, and the tasks' threads are for answering.
    Thread.detachNewThread { builder.watch() }
    await Self.interruption()
    builder.stop()
    await server.stop()
    printer.clear()
    Output.message("stopped")
  }

  /// A server that listens, and its address.
  private func listening(_ preview: PreviewSite) async throws -> (PreviewServer, String) {
    let first = port ?? 8000
    let ports = port == nil ? Array(first..<first + 20) : [first]
    var failure: (any Error)?
    for port in ports {
      let server = try PreviewServer(preview, port: port)
      do {
        return (server, "http://127.0.0.1:\(try await server.start())/")
      } catch {
        failure = error
      }
    }
    let tried = ports.count == 1 ? "port \(first)" : "ports \(first) to \(first + 19)"
    throw StudyError.output(
      "\(tried): cannot listen: \(failure.map { "\($0)" } ?? "no reason"); name another --port")
  }

  /// Returns when SIGINT or SIGTERM comes.
  private static func interruption() async {
    let queue = DispatchQueue(label: "interruption", qos: .userInteractive)
    let (signals, continuation) = AsyncStream<Void>.makeStream()
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { continuation.yield() }
      source.resume()
      return source
    }
    for await _ in signals { break }
    for source in sources { source.cancel() }
  }
}
