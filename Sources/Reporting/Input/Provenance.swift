/// How a report came about: the one part of it that may differ between two runs on the same table.
package struct Provenance: Sendable, Equatable {
  /// A file that went in.
  package struct Input: Sendable, Equatable {
    /// As the study names it.
    package var path: String
    package var sha256: String
    package var bytes: Int?
    /// Of a checkpoint from the hub: the commit that its revision was at.
    package var commit: String?

    package init(path: String, sha256: String, bytes: Int? = nil, commit: String? = nil) {
      self.commit = commit
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

  /// What units of work have in common: program, machine, threads, seed.
  package struct Environment: Sendable, Equatable {
    package var version: String
    package var host: String
    package var cpu: String
    package var blas: String
    package var kernel: String
    package var threads: Int
    package var seed: String

    package init(
      version: String, host: String, cpu: String, blas: String, kernel: String, threads: Int,
      seed: String
    ) {
      self.version = version
      self.host = host
      self.cpu = cpu
      self.blas = blas
      self.kernel = kernel
      self.threads = threads
      self.seed = seed
    }
  }

  package struct UnitInput: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A unit of work: which values it gave, from what, when and where.
  package struct Unit: Sendable, Equatable {
    package var name: String
    package var run: String
    package var stage: String
    /// The hash of its inputs, after its kind.
    package var key: String
    /// How many values of the measurements it gave.
    package var values: Int
    /// The method's version.
    package var method: String
    package var inputs: [UnitInput]
    /// Its place among the environments, from 1.
    package var environment: Int?
    package var date: String
    package var seconds: Double?

    package init(
      name: String, run: String, stage: String, key: String, values: Int, method: String,
      inputs: [UnitInput], environment: Int?, date: String, seconds: Double?
    ) {
      self.name = name
      self.run = run
      self.stage = stage
      self.key = key
      self.values = values
      self.method = method
      self.inputs = inputs
      self.environment = environment
      self.date = date
      self.seconds = seconds
    }
  }

  package var environments: [Environment]
  package var units: [Unit]
  /// The analysis.
  package var analysis: [Unit]
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
    date: String = "", environments: [Environment] = [], units: [Unit] = [],
    analysis: [Unit] = []
  ) {
    self.environments = environments
    self.units = units
    self.analysis = analysis
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
