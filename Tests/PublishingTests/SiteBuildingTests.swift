import Foundation
import Markup
import Publishing
import Testing

@Suite struct SiteBuildingTests {
  func text(_ path: String, of site: BuiltSite) throws -> String {
    String(decoding: try site.bytes(of: try SitePath(path)), as: UTF8.self)
  }

  @Test("A site with one of everything passes its own checks") func builds() throws {
    let built = try DemoSite.built(try DemoSite.make())
    #expect(built.warnings.isEmpty)
    let front = try text("index.html", of: built)
    #expect(front.contains("<title>The paper’s own models</title>"))
    #expect(front.contains("href=\"claims/c1/index.html\""))
    #expect(!front.contains("site:/"))
    let claim = try text("claims/c1/index.html", of: built)
    #expect(claim.contains("href=\"../../index.html#by-size\""))
    #expect(claim.contains("href=\"#change\""))
    #expect(claim.contains("aria-current=\"page\">Do larger models settle earlier?"))
    if let folder = ProcessInfo.processInfo.environment["TEND_DEMO_SITE"] {
      try built.write(to: folder)
    }
  }

  @Test("The same site gives the same bytes") func deterministic() throws {
    let first = try DemoSite.built(try DemoSite.make())
    let second = try DemoSite.built(try DemoSite.make())
    #expect(first.paths == second.paths)
    for path in first.paths { #expect(try first.bytes(of: path) == second.bytes(of: path)) }
  }
}
