import Files
import Foundation
import Tensors
import Testing
import Tokenization

@testable import Training

/// Byte-level BPE beside what the Hugging Face tokenizers library learns
/// (`scripts/reference/byte_pair_training.py`).
@Suite struct BytePairTrainingTests {
  private struct References: Decodable {
    struct Learnt: Decodable {
      let vocabulary: [String: Int]
      let merges: [[String]]
    }

    let texts: [String: Learnt]
  }

  @Test func `vocabulary and merges equal the tokenizers library's`() throws {
    let root = TrainingFixtures.root
    let file = root.appending(path: "Tests/Fixtures/training/merges.json")
    let references = try JSONDecoder().decode(References.self, from: Data(contentsOf: file))
    #expect(references.texts.count == 2)
    for (path, expected) in references.texts {
      let text = [UInt8](try Data(contentsOf: root.appending(path: path)))
      let found = try BytePairTrainer(vocabulary: 600).tokenizer(of: text, named: path)
      let model = try #require(try JSONReader.read(found)["model"])
      let vocabulary = try #require(model["vocab"]?.members)
      #expect(vocabulary.count == 600)
      for member in vocabulary {
        #expect(expected.vocabulary[member.name] == member.value.integer, "\(path): \(member.name)")
      }
      let merges = try #require(model["merges"]?.elements)
      #expect(merges.map { $0.elements?.compactMap(\.string) } == expected.merges, "\(path)")
    }
  }

  @Test func `the learnt tokenizer gives every text back`() throws {
    let text = TrainingFixtures.text + "<|endoftext|>Ünïcode 東京 🎉\n"
    let bytes = try BytePairTrainer(vocabulary: 300).tokenizer(of: Array(text.utf8), named: "text")
    let tokenizer = try Tokenizer(bytes, path: "tokenizer.json")
    let ids = try tokenizer.encode(text)
    #expect(tokenizer.decode(ids) == text)
    #expect(ids.contains(0) && tokenizer.id(of: "<|endoftext|>") == 0)
    #expect(ids.count < text.utf8.count / 2)
  }

  @Test func `a text without more pairs gives fewer entries`() throws {
    let bytes = try BytePairTrainer(vocabulary: 400).tokenizer(
      of: Array("abab abab".utf8), named: "a")
    let tokenizer = try Tokenizer(bytes, path: "tokenizer.json")
    // ab, abab and, with the space, Ġabab.
    #expect(tokenizer.vocabularySize == 260)
    #expect(try tokenizer.encode("abab abab").count == 2)
  }

  @Test func `a text that is not UTF-8 is told with the place`() {
    #expect(throws: TokenizerError.notUTF8(file: "broken", offset: 2)) {
      try BytePairTrainer(vocabulary: 300).tokenizer(of: [0x61, 0x62, 0xFF], named: "broken")
    }
  }
}
