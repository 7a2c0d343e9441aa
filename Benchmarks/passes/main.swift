import Foundation
import LinearAlgebra
import Tensors

// Serves the comparisons in this folder and scripts/fidelity:
//
//   Passes time CHECKPOINT TOKENS.npy THREADS
//     reads commands from standard input, one a line (forward, analysed, all, sgemm), and answers
//     each with one line of JSON
//   Passes dump CHECKPOINT TOKENS.npy SEQUENCES FOLDER
//     writes every activation, gradient and the loss as raw float32, for another program to compare
//   Passes read FILE.safetensors ROUNDS
//     times reading with conversion to float32 beside a copy in memory, as a Markdown row

let arguments = CommandLine.arguments.dropFirst()
BLASThreads.set(1)
do {
  switch (arguments.first, arguments.count) {
  case ("time", 4):
    guard let threads = Int(arguments[4]), threads > 0 else { throw Usage() }
    let timing = Timing(
      stored: try StoredModel(arguments[2], tokens: arguments[3]), lanes: Lanes(width: threads))
    while let command = readLine() {
      // Unbuffered: the other side waits for each answer.
      FileHandle.standardOutput.write(Data((try timing.run(command) + "\n").utf8))
    }
  case ("dump", 5):
    guard let sequences = Int(arguments[4]), sequences > 0 else { throw Usage() }
    try Dump(folder: arguments[5]).run(
      StoredModel(arguments[2], tokens: arguments[3]), sequences: sequences)
  case ("read", 3):
    guard let rounds = Int(arguments[3]), rounds > 0 else { throw Usage() }
    print(try Reading(file: TensorFile(arguments[2])).run(rounds: rounds))
  default: throw Usage()
  }
} catch {
  FileHandle.standardError.write(Data("Passes: \(error)\n".utf8))
  exit(2)
}

struct Usage: Error, CustomStringConvertible {
  let description =
    "expected: time CHECKPOINT TOKENS.npy THREADS, dump CHECKPOINT TOKENS.npy SEQUENCES FOLDER, or "
    + "read FILE.safetensors ROUNDS"
}
