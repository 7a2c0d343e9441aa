import Checkpoints
import Files
import Foundation
import Tensors
import Testing

/// What an index of shards leaves to be told: files beside it, files that are missing, other content.
@Suite struct IndexListingTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (file, tensor) in [("x", "a"), ("y", "b")] { try write(file, tensor: tensor) }
  }

  private func write(_ file: String, tensor: String) throws {
    let header = Array(
      #"{"\#(tensor)":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.utf8)
    _ = try folder.write(
      [UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + [0, 0, 128, 63], "\(file).safetensors")
  }

  private func open(_ index: String) throws -> CheckpointWeights {
    try DurableWrite.write(index, to: folder.path + "/model.safetensors.index.json")
    return try CheckpointWeights(folder: folder.path)
  }

  private func message(_ index: String) throws -> String {
    do { _ = try open(index) } catch { return "\(error)" }
    return "opened"
  }

  private static let sound = #"{"weight_map":{"a":"x.safetensors","b":"y.safetensors"}}"#

  @Test func aSoundIndexOpens() throws {
    let weights = try open(Self.sound)
    #expect(weights.tensors.map(\.name).sorted() == ["a", "b"])
    #expect(weights.notes == [])
  }

  @Test(arguments: [
    (#"{"weight_map":{"a":"x.safetensors\u0000"}}"#, "plain name"),
    ("version https://git-lfs.github.com/spec/v1\n", "git-LFS"),
    ("<!DOCTYPE html><html></html>", "HTML"),
  ])
  func whatIsNoIndexIsNamed(_ index: String, _ expected: String) throws {
    let found = try message(index)
    #expect(found.contains(expected), "\(found)")
  }

  @Test func aSingleFileBesideShardsIsToldAndRead() throws {
    try DurableWrite.write(Self.sound, to: folder.path + "/model.safetensors.index.json")
    try write("model", tensor: "c")
    let weights = try CheckpointWeights(folder: folder.path)
    #expect(weights.tensors.map(\.name) == ["c"])
    #expect(weights.notes.count == 1)
  }

  @Test func whatIsLeftOfAnIncompleteDownloadIsListed() throws {
    try DurableWrite.write(Self.sound, to: folder.path + "/model.safetensors.index.json")
    try FileManager.default.removeItem(atPath: folder.path + "/y.safetensors")
    let listing = try CheckpointWeights.listing(folder: folder.path)
    #expect(listing.files.flatMap(\.tensors).map(\.name) == ["a"])
    #expect(listing.missing.map(\.file) == ["y.safetensors"])
    #expect(listing.missing.flatMap(\.tensors) == ["b"])
  }
}
