/// How a report came about: the one part of it that may differ between two runs on the same table.
package struct Provenance: Sendable, Equatable {
  /// A file that went in.
  package struct Input: Sendable, Equatable {
    /// As the study names it.
    package var path: String
    package var sha256: String
    package var bytes: Int?

    package init(path: String, sha256: String, bytes: Int? = nil) {
      self.path = path
      self.sha256 = sha256
      self.bytes = bytes
    }
  }

  package struct Version: Sendable, Equatable {
    package var name: String
    package var version: String

    package init(_ name: String, _ version: String) {
      self.name = name
      self.version = version
    }
  }

  package struct Stage: Sendable, Equatable {
    package var name: String
    package var seconds: Double

    package init(_ name: String, seconds: Double) {
      self.name = name
      self.seconds = seconds
    }
  }

  package var versions: [Version]
  package var inputs: [Input]
  package var command: String
  package var host: String
  package var cpu: String
  package var threads: Int
  package var blasKernel: String
  package var seconds: [Stage]
  /// ISO 8601.
  package var date: String

  package init(
    versions: [Version] = [], inputs: [Input] = [], command: String = "", host: String = "",
    cpu: String = "", threads: Int = 1, blasKernel: String = "", seconds: [Stage] = [],
    date: String = ""
  ) {
    self.versions = versions
    self.inputs = inputs
    self.command = command
    self.host = host
    self.cpu = cpu
    self.threads = threads
    self.blasKernel = blasKernel
    self.seconds = seconds
    self.date = date
  }
}
