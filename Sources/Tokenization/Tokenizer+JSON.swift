import Files
import Tensors

extension Tokenizer {
  /// Largest file that is read: twice the size of Llama 3's.
  static let largestFile = 32 << 20
  /// Most entries of a vocabulary: twice as many as in any public one.
  static let largestVocabulary = 300_000

  /// Reads the `tokenizer.json` in `path`.
  ///
  /// - Throws: `TokenizerError`, naming the field.
  package init(path: String) throws(TokenizerError) {
    func reading<Result>(
      _ body: () throws(FileError) -> Result
    ) throws(TokenizerError) -> Result {
      do { return try body() } catch { throw .file(error) }
    }
    let reader = try reading { () throws(FileError) in try FileReader(path) }
    guard reader.size <= Self.largestFile else {
      throw .malformed(
        file: path, place: "(the whole file)", expected: "at most \(Self.largestFile) bytes",
        found: "\(reader.size)")
    }
    let bytes = try reading { () throws(FileError) in try reader.readAll() }
    try self.init(bytes, path: path)
  }

  /// The tokenizer that `bytes` describe; `path` is where they stand.
  package init(_ bytes: [UInt8], path: String) throws(TokenizerError) {
    let root: JSONValue
    do {
      root = try JSONReader.read(bytes, depth: 32, mostMembers: Self.largestVocabulary)
    } catch {
      throw .malformed(
        file: path, place: "byte \(error.offset)", expected: error.expected, found: error.found)
    }
    let fields = TokenizerFields(root, file: path)
    let model = try fields.model()
    let added = try fields.addedTokens(model)
    let (normalises, preTokenizer) = (try fields.normalises(), try fields.preTokenizer())
    try fields.requireByteLevelDecoder()
    let template = try fields.template()
    self.path = path
    self.normalises = normalises
    self.preTokenizer = preTokenizer
    (prefix, suffix) = (template.prefix, template.suffix)
    notes = fields.notes()
    literalTokens = AddedTokens(added.filter { !$0.isNormalised }.map(\.token))
    normalisedTokens = AddedTokens(
      added.filter(\.isNormalised).map { entry in
        var token = entry.token
        if normalises { token.content = CanonicalComposition.normalised(token.content) }
        return token
      })
    byteTokens = ByteAlphabet.characters.map { model.vocabulary[$0].map(Int32.init) }
    merges = model.merges
    wholePieces =
      model.ignoresMerges
      ? Dictionary(
        model.vocabulary.map { (ByteAlphabet.decode($0), Int32($1)) },
        uniquingKeysWith: { first, _ in first })
      : [:]
    var contents: [Int: [UInt8]] = [:]
    contents.reserveCapacity(model.vocabulary.count + added.count)
    for (content, id) in model.vocabulary { contents[id] = content }
    for entry in added { contents[entry.token.id] = entry.token.content }
    self.contents = contents
    vocabularySize = contents.count
  }
}
