import Files
import Foundation
import Tensors

/// What `tend submit` handed to Slurm, kept beside its scripts: which job does which shards, and where it
/// logs.
package struct SlurmSubmission: Sendable, Equatable {
  struct Array: Sendable, Equatable {
    /// The job's number.
    let job: String
    let offset: Int
    let indices: [Int]
    /// Whether its logs are named by index.
    let isArray: Bool
  }

  /// Absolute.
  let folder: String
  /// The file name of the study, beside `.tend`.
  let study: String
  let shards: Int
  var arrays: [Array] = []
  var gather: String?

  static let record = "submission.json"
  /// Largest record that is read.
  private static let largest = 16 << 20

  /// The log of a shard's task; `nil` where this submission has none.
  func log(ofShard shard: Int) -> String? {
    for array in arrays where array.indices.contains(shard - 1 - array.offset) {
      let index = array.isArray ? "\(shard - 1 - array.offset)" : "4294967294"
      return "\(folder)/\(array.job)_\(index).log"
    }
    return nil
  }

  /// Every job of it.
  var jobs: [String] { arrays.map(\.job) + [gather].compactMap(\.self) }

  func write() throws(FileError) {
    let json = JSONText.document(
      .object([
        ("study", .text(study)), ("shards", .integer(shards)),
        (
          "arrays",
          .list(
            arrays.map {
              .line(
                .object([
                  ("job", .text($0.job)), ("offset", .integer($0.offset)),
                  ("array", .flag($0.isArray)), ("indices", .text(SlurmArrays.ranges($0.indices))),
                ]))
            })
        ),
        ("gather", .text(gather)),
      ]))
    try DurableWrite.write(json, to: "\(folder)/\(Self.record)")
  }

  /// The submission in `folder`; `nil` where nothing there can be read as one: a status depends on none.
  init?(folder: String) {
    do {
      let reader = try FileReader("\(folder)/\(Self.record)")
      guard reader.size <= Self.largest else { return nil }
      let json = try JSONReader.read(try reader.readAll())
      guard let study = json["study"]?.string, let shards = json["shards"]?.integer,
        (1...Shard.most).contains(shards), let arrays = json["arrays"]?.elements
      else { return nil }
      self.init(folder: folder, study: study, shards: shards)
      gather = json["gather"]?.string.flatMap { Self.job($0) }
      for array in arrays {
        guard let job = array["job"]?.string.flatMap({ Self.job($0) }),
          let offset = array["offset"]?.integer, (0..<Shard.most).contains(offset),
          let indices = array["indices"]?.string.flatMap(Self.numbers)
        else { return nil }
        self.arrays.append(
          Array(
            job: job, offset: offset, indices: indices, isArray: array["array"]?.bool ?? true))
      }
    } catch {
      return nil
    }
  }

  init(folder: String, study: String, shards: Int) {
    self.folder = folder
    self.study = study
    self.shards = shards
  }

  /// The number in what `sbatch --parsable` prints, `number` or `number;cluster`, behind whatever a site's
  /// plugins say before it; `nil` for anything else.
  static func job(_ output: String) -> String? {
    guard let line = output.split(separator: "\n").last else { return nil }
    let number = line.trimmingCharacters(in: .whitespaces).prefix { $0 != ";" }
    return (1...12).contains(number.utf8.count)
      && number.utf8.allSatisfy { (0x30...0x39).contains($0) } ? String(number) : nil
  }

  /// The numbers that `SlurmArrays.ranges` wrote.
  private static func numbers(_ text: String) -> [Int]? {
    var numbers: [Int] = []
    for run in text.split(separator: ",") {
      let ends = run.split(separator: "-").map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first >= 0, first <= last, last < Shard.most
      else { return nil }
      numbers += first...last
    }
    return numbers.count <= Shard.most ? numbers : nil
  }
}

extension SlurmSubmission {
  /// Where the submissions of the studies beside `.tend` lie.
  static func folder(in working: String) -> String { working + "/slurm" }

  /// Those of the study in the file `study`, the latest first.
  static func all(in working: String, of study: String) throws(FileError) -> [SlurmSubmission] {
    let folder = folder(in: working)
    guard Folder.kind(of: folder) == .folder else { return [] }
    return try Folder.names(in: folder).reversed().compactMap {
      SlurmSubmission(folder: "\(folder)/\($0)")
    }.filter { $0.study == study }
  }
}
