import Testing

@testable import Reporting

@Suite struct PaperTargetsTests {
  @Test(arguments: ["ACL", "acl", " acl "])
  func aVenueIsKnownHoweverItIsWritten(name: String) throws {
    #expect(try PaperTargets(name).folder == "acl")
  }

  @Test(arguments: [("8cm", "8cm"), ("8.50cm", "8.5cm"), ("12 cm", "12cm")])
  func aWidthNamesItsFolder(name: String, folder: String) throws {
    let targets = try PaperTargets(name)
    #expect(targets.folder == folder)
    #expect(!targets.hasColumns)
  }

  @Test(arguments: [
    "", "cm", "8", "8mm", "-8cm", "nancm", "0x10cm", "1e1cm", "acll", "8cm/../..", "infcm",
  ])
  func anythingElseIsAnErrorThatNamesWhatThereIs(name: String) {
    #expect(
      throws: ReportError.unknownVenue(name, uses: nil, known: PaperTargets.venues)
    ) { try PaperTargets(name) }
  }

  @Test func conferencesOfAnotherStyleAreToldWhich() {
    #expect(
      throws: ReportError.unknownVenue("EMNLP", uses: "acl", known: PaperTargets.venues)
    ) { try PaperTargets("EMNLP") }
  }

  @Test(arguments: [("5.9cm", 5.9), ("61cm", 61), ("0cm", 0)])
  func widthsHaveBounds(name: String, width: Double) {
    #expect(throws: ReportError.width(width, allowed: 6...60)) { try PaperTargets(name) }
  }

  @Test func textSizesAreTheVenues() {
    #expect(throws: ReportError.textSize(11, at: "nature", allowed: 5...7)) {
      try PaperTargets("nature", text: 11)
    }
    #expect(throws: ReportError.textSize(6, at: "acl", allowed: 7...14)) {
      try PaperTargets("acl", text: 6)
    }
    #expect(throws: ReportError.self) { try PaperTargets("8cm", text: .nan) }
    #expect(throws: Never.self) { try PaperTargets("acl", text: 11) }
  }
}
