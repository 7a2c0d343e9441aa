// Pages a second: 2,000 pages of Markdown rendered, put into the templates, checked and written.
// One core; medians of five; prints JSON.
import Foundation
import Markup
import Publishing

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 2000
let repetitions = 5

func markdown(_ index: Int) -> String {
  """
  # Page \(index)

  What layer \(index % 32) does *early* in training, and how **sure** that is[^1]. Its similarity is
  $c_{\(index)}(t) = \\frac{a}{b}$ and the [next page](p\((index + 1) % count)) goes on.

  ## Numbers

  | Step | CKA | PER |
  |-----:|----:|----:|
  | 0 | 0.198 | 0.964 |
  | 512 | 0.316 | 0.961 |
  | 143,000 | 1.000 | 0.958 |

  ## What follows

  - Early layers settle first, in every run that was measured.
  - [x] Read the rule
  - [ ] Compare with `run-\(index)`

  > Debiased CKA may be below zero: it estimates a quantity that is zero for unrelated matrices.

  ```yaml
  name: study-\(index)
  ```

  A last paragraph of some length, so that a page is as long as pages are: the estimator takes the rows
  of both matrices, centres their columns and asks which rows are alike in both. With few rows and many
  columns the biased form is far from zero even where nothing is shared.

  [^1]: The interval is over halves of the sequences.
  """
}

func makeSite() throws -> Site {
  var site = Site(title: "A large site", description: "Pages.", footer: "Made by tend.")
  site.sections = ["", "Pages"]
  let resolver = MarkdownResolver(
    link: { name in
      (try? SitePath("pages/\(name)/index.html")).map { .found("site:/" + $0.string) } ?? .dropped
    }, image: { _, _ in .dropped }, block: { _, _ in .dropped }, value: { _ in .dropped })
  var front = PageBody()
  front.lede("Many pages.")
  site.pages.append(SitePage(path: .index, title: "A large site", body: front))
  for index in 0..<count {
    let source = MarkdownSource(body: markdown(index), file: "p\(index).md")
    let rendered = try MarkdownRenderer(resolver: resolver).render(source)
    var body = PageBody()
    body.append(rendered)
    site.pages.append(
      SitePage(
        path: try SitePath("pages/p\(index)/index.html"), title: rendered.title ?? "",
        section: "Pages", body: body))
  }
  return site
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let time = try clock.measure(body)
  return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

let theme = try SiteTheme.bundled()
let folder = NSTemporaryDirectory() + "tend-pages-" + UUID().uuidString
defer { try? FileManager.default.removeItem(atPath: folder) }
var markup: [Double] = []
var building: [Double] = []
var rewriting: [Double] = []
var pageBytes = 0
var firstWrite = 0.0
for repetition in 0..<repetitions {
  var site = Site(title: "")
  markup.append(try seconds { site = try makeSite() })
  var built: BuiltSite?
  building.append(try seconds { built = try SiteBuilder(theme: theme).build(site) })
  guard let built else { continue }
  let writing = try seconds { try built.write(to: folder) }
  if repetition == 0 { firstWrite = writing } else { rewriting.append(writing) }
  pageBytes = try built.bytes(of: try SitePath("pages/p\(count / 2)/index.html")).count
}
let perCore = Double(count) / (median(markup) + median(building))
print(
  """
  {"pages": \(count), "page_bytes": \(pageBytes), "pages_per_second_and_core": \(Int(perCore)), \
  "markdown_seconds": \(Format.number(median(markup), decimals: 3)), \
  "templates_and_checks_seconds": \(Format.number(median(building), decimals: 3)), \
  "first_write_seconds": \(Format.number(firstWrite, decimals: 3)), \
  "unchanged_write_seconds": \(Format.number(median(rewriting), decimals: 3))}
  """)
if perCore < 1000 { exit(1) }
