#!/usr/bin/env python3
"""Opens a built site in a browser and uses it as readers do.

    scripts/browser-checks.py SITE_FOLDER [--screenshots FOLDER]

From a file, from a host's root and from a sub-path, with the site's own content security policy enforced:
no console error, no failed or foreign request, no sideways scroll, search, sort, zoom, values and theme by
keyboard, axe without violations in both themes, readable with scripts off, printed light and complete.

Needs Chromium (Debian: chromium) and PyPI's playwright and axe-playwright-python, which it installs into
.build/browser-venv on first use. Exit codes: 0 nothing found, 1 something found (one line each),
77 skipped because a tool cannot be had; the reason is printed.
"""
import argparse
import functools
import http.server
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = pathlib.Path(os.environ.get("TEND_BROWSER_VENV", ROOT / ".build" / "browser-venv"))
# 640 is what a window of 1280 px has at a zoom of 200 %.
WIDTHS = (320, 360, 640, 768, 1440)
LARGEST_INDEX = 300_000


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def chromium():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    skip("no chromium (Debian: apt-get install chromium)")


def ensure_client(script=__file__):
    """Runs a script again in a virtual environment that has the client, made if need be."""
    try:
        import axe_playwright_python.sync_playwright  # noqa: F401
        import playwright.sync_api  # noqa: F401
        return
    except ImportError:
        pass
    python = VENV / "bin" / "python"
    if os.environ.get("TEND_BROWSER_CHECKS") == "inside":
        skip(f"{python} lacks playwright or axe-playwright-python: remove {VENV} and run again")
    modules = "import playwright.sync_api, axe_playwright_python.sync_playwright"
    ready = python.exists() and subprocess.run([python, "-c", modules], capture_output=True).returncode == 0
    if not ready:
        print("setting up playwright and axe for the browser tests …", flush=True)
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            [str(python), "-m", "pip", "install", "--quiet", "playwright", "axe-playwright-python"],
        ):
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=300)
            except (OSError, subprocess.TimeoutExpired) as error:
                skip(f"{' '.join(command)}: {error}")
            if done.returncode != 0:
                last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
                skip(f"{' '.join(command)}: {last[0]}")
    os.environ["TEND_BROWSER_CHECKS"] = "inside"
    os.execv(python, [str(python), script, *sys.argv[1:]])


def headers_of(site):
    """The header blocks of the site's _headers file: [(pattern, [(name, value)])]."""
    blocks = []
    file = site / "_headers"
    if not file.exists():
        return blocks
    for line in file.read_text().splitlines():
        if not line.strip():
            continue
        if not line[0].isspace():
            blocks.append((line.strip(), []))
        else:
            name, value = line.strip().split(":", 1)
            blocks[-1][1].append((name, value.strip()))
    return blocks


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder below a prefix with the headers that hosts take from _headers."""
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments, prefix, blocks, **keywords):
        self.prefix, self.blocks = prefix, blocks
        super().__init__(*arguments, **keywords)

    def translate_path(self, path):
        clean = urllib.parse.urlsplit(path).path
        if not clean.startswith(self.prefix):
            return "/nonexistent"
        return super().translate_path(clean[len(self.prefix) - 1:])

    def end_headers(self):
        place = urllib.parse.urlsplit(self.path).path[len(self.prefix) - 1:]
        for pattern, headers in self.blocks:
            if pattern == "/*" or (pattern.endswith("*") and place.startswith(pattern[:-1])) or pattern == place:
                for name, value in headers:
                    self.send_header(name, value)
        super().end_headers()

    def log_message(self, *arguments):
        pass


def serve(site, prefix):
    handler = functools.partial(Handler, directory=str(site), prefix=prefix, blocks=headers_of(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}{prefix}"


class Findings(list):
    def __init__(self):
        super().__init__()
        self.checks = 0

    def check(self, holds, where, what):
        self.checks += 1
        if not holds:
            line = f"{where}: {what}"
            self.append(line)
            print(f"  ✘ {line}", flush=True)
        return holds


def watch(page, findings, where, allowed):
    """Collects everything that a page complains about while it is open."""
    page.on("console", lambda message: message.type in ("error", "warning") and findings.check(
        False, where(), f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: findings.check(False, where(), f"script error: {error}"))
    page.on("requestfailed", lambda request: request.failure and "ERR_ABORTED" not in request.failure
            and findings.check(False, where(), f"failed request {request.url}: {request.failure}"))
    page.on("response", lambda response: response.status >= 400 and findings.check(
        False, where(), f"{response.url} answered {response.status}"))
    page.on("request", lambda request: findings.check(
        request.url.startswith(allowed) or request.url.startswith("data:"), where(),
        f"request to elsewhere: {request.url}"))


def kind_of(path):
    return path.split("/")[0] if "/" in path else path


def one_of_each_kind(pages):
    seen, chosen = set(), []
    for page in pages:
        if kind_of(page) not in seen:
            seen.add(kind_of(page))
            chosen.append(page)
    return chosen


def loads(browser, findings, pages, base, name):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    current = [""]
    watch(page, findings, lambda: f"{name} {current[0]}", base)
    titles = {}
    for path in pages:
        current[0] = path
        page.goto(base + path, wait_until="load")
        title = page.title()
        findings.check(title not in titles, f"{name} {path}", f"has the title of {titles.get(title)}: {title}")
        titles[title] = path
        broken = page.evaluate(
            "() => [...document.images].filter(i => i.complete && i.naturalWidth === 0).map(i => i.currentSrc)")
        findings.check(not broken, f"{name} {path}", f"pictures that do not show: {broken}")
    context.close()


def fits(browser, findings, pages, base):
    spacing = ("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
               "p { margin-bottom: 2em !important }")
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 800})
        page = context.new_page()
        for path in pages:
            page.goto(base + path)
            out_of_sight = page.evaluate(
                """() => { const e = document.querySelector('.nav a[aria-current]'), n = e && e.closest('.nav');
                return !!n && getComputedStyle(n).position === 'sticky' && e.getBoundingClientRect().bottom > innerHeight }""")
            findings.check(not out_of_sight, path, f"its entry in the sidebar is out of sight at {width} px")
            for spaced in (False, True):
                if spaced:
                    page.add_style_tag(content=spacing)
                wide = page.evaluate(
                    """() => { const root = document.documentElement, room = root.clientWidth;
                    if (root.scrollWidth <= room) return null;
                    const inside = e => { for (let p = e.parentElement; p; p = p.parentElement) {
                      const o = getComputedStyle(p).overflowX; if (o !== 'visible') return true } return false };
                    return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > room + 1
                      && !inside(e)).slice(0, 3).map(e => e.tagName.toLowerCase() + '.' + e.className + ' '
                      + Math.round(e.getBoundingClientRect().right)) }""")
                findings.check(wide is None, path,
                               f"scrolls sideways at {width} px{' with wide spacing' if spaced else ''}: {wide}")
            squeezed = page.evaluate(
                """() => [...document.querySelectorAll('main p, main li, main h2, main h3, main dd, main a, main caption')].filter(e =>
                e.checkVisibility() && !e.closest('td, th, .scroll') && e.textContent.trim().length > 15
                && e.getBoundingClientRect().height > 6 * Math.max(e.getBoundingClientRect().width, 1)).slice(0, 3)
                .map(e => e.tagName.toLowerCase() + ' “' + e.textContent.trim().slice(0, 30) + '”')""")
            findings.check(not squeezed, path, f"text squeezed into a sliver at {width} px: {squeezed}")
            small = page.evaluate(
                """() => { const found = new Set();
                const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                while (walk.nextNode()) { const e = walk.currentNode.parentElement;
                  if (!walk.currentNode.textContent.trim() || !e.checkVisibility() || e.closest('math, sup')) continue;
                  const size = parseFloat(getComputedStyle(e).fontSize);
                  if (size < 11.9) found.add(e.tagName.toLowerCase() + '.' + e.className + ' ' + size) }
                return [...found].slice(0, 3) }""")
            findings.check(not small, path, f"text under 12 px at {width} px: {small}")
            scaled = page.evaluate(
                """() => [...document.querySelectorAll('figure picture img')].filter(i => i.naturalWidth
                && i.getBoundingClientRect().width < i.naturalWidth - 1).map(i => i.currentSrc.split('/').pop() + ' '
                + i.naturalWidth + ' > ' + Math.round(i.getBoundingClientRect().width)).slice(0, 3)""")
            findings.check(not scaled, path, f"figures drawn smaller than they are at {width} px: {scaled}")
        context.close()


def accessible(browser, findings, pages, base):
    from axe_playwright_python.sync_playwright import Axe
    axe = Axe()
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    for theme in ("light", "dark"):
        for width in (390, 1440):
            context = browser.new_context(
                color_scheme=theme, viewport={"width": width, "height": 900}, reduced_motion="reduce")
            page = context.new_page()
            for path in pages:
                page.goto(base + path)
                page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")
                result = axe.run(page, options=options).response
                for violation in result["violations"]:
                    nodes = [node["target"] for node in violation["nodes"][:3]]
                    text = violation["nodes"][0].get("failureSummary", "").replace("\n", " ")
                    findings.check(False, f"{path} ({theme}, {width} px)",
                                   f"axe {violation['id']}: {violation['help']}: {nodes} {text}")
                findings.check(True, path, "axe")
            context.close()


def visible_focus(page):
    return page.evaluate(
        """() => { const e = document.activeElement; if (!e || e === document.body) return false;
        const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 }""")


def by_keyboard(browser, findings, pages, base, name):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = context.new_page()
    current = [""]
    where = lambda: f"{name} {current[0]}"
    watch(page, findings, where, base)
    page.goto(base + "index.html")
    current[0] = "index.html"

    page.keyboard.press("Tab")
    findings.check(page.evaluate("() => document.activeElement.className") == "skip", where(),
                   "the first stop is not the skip link")
    findings.check(visible_focus(page), where(), "the skip link shows no focus")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("() => !!document.activeElement.closest('main')")
    findings.check(inside, where(), "the skip link does not lead into main")

    # Theme: switched, kept over a reload, followed by figures.
    button = page.locator("[data-theme-button]")
    button.focus()
    page.keyboard.press("Enter")
    findings.check(page.evaluate("() => document.documentElement.dataset.theme") == "dark", where(),
                   "the theme button does not switch to dark")
    page.reload()
    findings.check(page.evaluate("() => document.documentElement.dataset.theme") == "dark", where(),
                   "the theme is forgotten on reload")
    page.wait_for_timeout(100)
    sources = page.evaluate("() => [...document.querySelectorAll('figure picture img')].map(i => i.currentSrc)")
    findings.check(all(".dark." in source for source in sources), where(), f"figures stay light: {sources[:2]}")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    sources = page.evaluate("() => [...document.querySelectorAll('figure picture img')].map(i => i.currentSrc)")
    findings.check(not any(".dark." in source for source in sources), where(), f"figures stay dark: {sources[:2]}")

    # Search: every page is found by its title and opened with the keyboard alone.
    for path in one_of_each_kind(pages):
        page.goto(base + path)
        title = page.locator("h1").inner_text()
        page.goto(base + pages[-1])
        current[0] = pages[-1]
        box = page.locator("form[role=search] input")
        box.focus()
        box.type(title)
        try:
            page.wait_for_selector(".results a", timeout=3000)
        except Exception:
            findings.check(False, where(), f"the search does not find the page titled {title}")
            continue
        found = page.locator(".results a").evaluate_all("links => links.map(a => a.href)")
        findings.check(any(link.split("#")[0] == base + path for link in found), where(),
                       f"the search for “{title}” finds {found[:3]}, not {path}")
        page.keyboard.press("ArrowDown")
        findings.check(page.evaluate("() => !!document.activeElement.closest('.results')"), where(),
                       "arrow down does not lead into the results")
        findings.check(visible_focus(page), where(), "a result shows no focus")
        page.keyboard.press("Escape")
        findings.check(page.locator(".results").count() == 0 and box.evaluate("e => e === document.activeElement"),
                       where(), "Escape does not close the results and return")
    box = page.locator("form[role=search] input")
    box.fill("")
    box.type("zzzqqq")
    page.wait_for_selector(".results [role=status]")
    findings.check("Nothing" in page.locator(".results [role=status]").inner_text(), where(),
                   "a search without results does not say so")
    box.fill("")
    box.type("the a")
    page.wait_for_timeout(50)

    sorted_once = zoomed = stepped = False
    for path in pages:
        current[0] = path
        page.goto(base + path)
        tables = page.locator("table[data-sortable]:not(details table)")
        if tables.count() and not sorted_once:
            sorted_once = True
            sort_by_keyboard(page, tables.first, findings, where)
        figures = page.locator("figure[id]")
        if figures.count() and not zoomed:
            zoomed = True
            zoom_by_keyboard(page, figures.first, findings, where)
        values = page.locator("figure[data-points]")
        if values.count() and not stepped:
            stepped = True
            step_through_values(page, values.first, findings, where)
    findings.check(sorted_once, name, "no page has a sortable table")
    findings.check(zoomed, name, "no page has a figure")
    context.close()


def sort_by_keyboard(page, table, findings, where):
    column = """(table, c) => [...table.tBodies[0].rows].map(r => r.cells[c]
        ? (r.cells[c].getAttribute('data-v') ?? r.cells[c].textContent.trim()) : '')"""
    number = lambda text: float(text.replace(",", "").replace("−", "-"))
    buttons = table.locator("thead tr:last-child th button")
    findings.check(buttons.count() > 0, where(), "the heads of a sortable table have no buttons")
    for i in range(buttons.count()):
        button = buttons.nth(i)
        index = button.evaluate("b => b.closest('th').cellIndex")
        for direction in ("ascending", "descending"):
            button.focus()
            page.keyboard.press("Enter")
            state = button.evaluate("b => b.closest('th').getAttribute('aria-sort')")
            findings.check(state == direction, where(), f"column {index} is sorted {state}, not {direction}")
            texts = table.evaluate(column, index)
            try:
                values = [number(text) for text in texts if text not in ("–", "")]
            except ValueError:
                continue
            expected = sorted(values, reverse=direction == "descending")
            findings.check(values == expected, where(), f"column {index} {direction} reads {values}")
            findings.check(texts[:len(values)] == [t for t in texts if t not in ("–", "")], where(),
                           f"column {index} {direction}: what has no value is not last")
        button.focus()
        page.keyboard.press("Enter")


def zoom_by_keyboard(page, figure, findings, where):
    button = figure.locator("button", has_text="Enlarge")
    if not findings.check(button.count() == 1, where(), "a figure has no button to enlarge it"):
        return
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    if not findings.check(dialog.count() == 1, where(), "Enter does not enlarge the figure"):
        return
    page.wait_for_timeout(150)
    width = dialog.locator("img").evaluate("i => i.getBoundingClientRect().width")
    findings.check(width > 0, where(), "the enlarged figure does not show")
    dialog.locator("button", has_text="+").focus()
    page.keyboard.press("Enter")
    findings.check(dialog.locator("img").evaluate("i => i.getBoundingClientRect().width") > width, where(),
                   "the button + does not enlarge")
    for _ in range(12):
        page.keyboard.press("Tab")
        held = page.evaluate("() => document.activeElement === document.body || !!document.activeElement.closest('dialog')")
        findings.check(held, where(), "the focus leaves the open dialog")
    page.keyboard.press("Escape")
    findings.check(page.locator("dialog[open]").count() == 0, where(), "Escape does not close the dialog")
    findings.check(button.evaluate("b => b === document.activeElement"), where(), "the focus does not return")


def step_through_values(page, figure, findings, where):
    button = figure.locator("button", has_text="Values")
    button.focus()
    page.keyboard.press("Enter")
    try:
        page.wait_for_selector(".tip", timeout=3000)
    except Exception:
        findings.check(False, where(), "Enter on Values shows no value")
        return
    first = page.locator(".tip").inner_text()
    spoken = figure.locator("[role=status]").inner_text()
    findings.check(len(first) > 0 and len(spoken) > 0, where(), "a value is not shown and spoken")
    page.keyboard.press("ArrowRight")
    findings.check(page.locator(".tip").inner_text() != first, where(), "arrow right does not lead to the next value")
    page.keyboard.press("Escape")
    findings.check(page.locator(".tip").count() == 0, where(), "Escape does not put the value away")
    # In the middle of the window at once: where a page scrolls smoothly, places are wrong until it rests.
    image = figure.locator("picture img")
    image.evaluate("i => i.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = image.bounding_box()
    point = page.evaluate(
        """id => { const image = document.querySelector('#' + CSS.escape(id) + ' picture img');
        const v = tendPoints[id].variants; const p = (v[image.naturalWidth] || Object.values(v)[0])[0]; return [p[2] + p[4] / 2, p[3] + p[5] / 2] }""",
        figure.get_attribute("id"))
    page.mouse.move(box["x"] + point[0] + 1, box["y"] + point[1] + 1)
    page.mouse.move(box["x"] + point[0], box["y"] + point[1])
    page.wait_for_timeout(50)
    findings.check(page.locator(".tip").count() == 1, where(), "the pointer over a value does not show it")
    page.mouse.move(2, 2)


def without_scripts(browser, findings, pages, base):
    for theme in ("light", "dark"):
        context = browser.new_context(java_script_enabled=False, color_scheme=theme)
        page = context.new_page()
        for path in pages:
            page.goto(base + path)
            findings.check(page.locator("h1").is_visible(), f"{path} without scripts", "has no visible heading")
            shown = page.locator(".js-only:visible").count()
            findings.check(shown == 0, f"{path} without scripts", f"shows {shown} controls that need scripts")
            sources = page.locator("figure picture img").evaluate_all("all => all.map(i => i.currentSrc)")
            wrong = [s for s in sources if (".dark." in s) != (theme == "dark")]
            findings.check(not wrong, f"{path} without scripts, {theme}", f"figures of the other theme: {wrong[:2]}")
            findings.check(page.locator("nav a").count() > 0, f"{path} without scripts", "has no navigation")
        context.close()


def letters_do_nothing(browser, findings, pages, base):
    """No shortcut of one letter: who dictates or leans on a key must not be thrown about."""
    context = browser.new_context()
    page = context.new_page()
    state = """() => [document.documentElement.dataset.theme, document.activeElement.tagName, location.href,
        document.querySelectorAll('dialog[open], .results, .tip').length, scrollY].join('|')"""
    for path in pages:
        page.goto(base + path)
        before = page.evaluate(state)
        for key in "abcdefghijklmnopqrstuvwxyz0123456789/?.,":
            page.keyboard.press(key)
        findings.check(page.evaluate(state) == before, path, "does something when a letter is pressed")
    context.close()


def stands_still(browser, findings, pages, base):
    """Reduced motion is obeyed, and forced colours leave controls and focus visible."""
    context = browser.new_context(reduced_motion="reduce", forced_colors="active")
    page = context.new_page()
    for path in pages:
        page.goto(base + path)
        moving = page.evaluate(
            """() => [...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e);
            return [s.transitionDuration, s.animationDuration].some(t => t.split(',').some(d => parseFloat(d) > 0.01)) })
            .slice(0, 3).map(e => e.tagName + '.' + e.className)""")
        findings.check(not moving, path, f"moves though less motion is wanted: {moving}")
        page.keyboard.press("Tab")
        findings.check(visible_focus(page), path, "shows no focus in forced colours")
        hidden = page.evaluate(
            """() => [...document.querySelectorAll('button, input')].filter(e => e.checkVisibility()).filter(e => {
            const s = getComputedStyle(e), b = getComputedStyle(document.body);
            return s.color === s.backgroundColor || (s.backgroundColor === 'rgba(0, 0, 0, 0)' && s.color === b.backgroundColor) })
            .map(e => e.textContent || e.type).slice(0, 3)""")
        findings.check(not hidden, path, f"controls that cannot be seen in forced colours: {hidden}")
    context.close()


def index_waits(browser, findings, pages, base, site):
    """The search index is small and loaded when the search is first used."""
    size = (site / "search-index.js").stat().st_size
    findings.check(size < LARGEST_INDEX, "search-index.js", f"has {size} bytes")
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1]))
    page.goto(base + pages[0])
    page.wait_for_timeout(100)
    findings.check("search-index.js" not in asked, pages[0], "loads the search index before it is needed")
    page.locator("form[role=search] input").focus()
    page.wait_for_timeout(200)
    findings.check("search-index.js" in asked, pages[0], "does not load the search index on focus")
    context.close()
    lost = (site / "404.html").read_text()
    findings.check("<script" not in lost and "<link" not in lost and "<style" not in lost, "404.html",
                   "needs another file, or style or script of its own")


def prints(browser, findings, pages, base, folder):
    reader = shutil.which("pdftotext")
    raster = shutil.which("pdftoppm")
    for path in pages:
        context = browser.new_context(color_scheme="dark")
        page = context.new_page()
        page.goto(base + path)
        title = page.locator("h1").inner_text()
        cells = page.locator("figure details table tbody tr:last-child").evaluate_all(
            "rows => rows.map(r => r.textContent)")
        file = folder / (path.replace("/", "-") + ".pdf")
        page.pdf(path=str(file), format="A4", print_background=True, prefer_css_page_size=True)
        if reader:
            text = subprocess.run([reader, "-layout", str(file), "-"], capture_output=True, text=True).stdout
            squeeze = lambda t: "".join(t.split()).replace("\u202f", "").replace("\u00a0", "")
            findings.check(squeeze(title) in squeeze(text), f"{path} printed", "lacks its title")
            if cells:
                findings.check(squeeze(cells[-1])[-4:] in squeeze(text), f"{path} printed",
                               "lacks the numbers behind a figure")
        if raster:
            image = subprocess.run([raster, "-r", "20", "-gray", str(file)], capture_output=True).stdout
            body = image.split(b"\n", 3)[-1]
            # The first page's pixels: paper is white, and ink covers little of it.
            light = sum(value > 200 for value in body[:38000]) / max(1, len(body[:38000]))
            findings.check(light > 0.6, f"{path} printed", f"is dark: {light:.0%} of the first page is light")
        context.close()


def screenshots(browser, pages, base, folder):
    for theme in ("light", "dark"):
        for width in (390, 768, 1440):
            context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
            page = context.new_page()
            for path in pages:
                page.goto(base + path)
                page.wait_for_timeout(100)
                name = path.replace("/index.html", "").replace("/", "-").replace(".html", "")
                page.screenshot(path=str(folder / f"{name}-{width}-{theme}.png"), full_page=True)
            context.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("site", type=pathlib.Path)
    parser.add_argument("--screenshots", type=pathlib.Path, help="also put pictures of one page of each kind here")
    arguments = parser.parse_args()
    site = arguments.site.resolve()
    if not (site / "index.html").exists():
        print(f"{site} holds no index.html: build the site first")
        sys.exit(1)
    browser_path = chromium()
    ensure_client()
    from playwright.sync_api import sync_playwright

    pages = sorted(str(p.relative_to(site)) for p in site.rglob("*.html") if p.name != "404.html")
    pages.sort(key=lambda path: (path != "index.html", path))
    kinds = one_of_each_kind(pages)
    findings = Findings()
    started = time.monotonic()
    roots = {"file": (None, site.as_uri() + "/")}
    roots["root"] = serve(site, "/")
    roots["sub-path"] = serve(site, "/some/where/")
    printed = site.parent / ".browser-checks"
    printed.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
        steps = [(f"every page loads, {name}", loads, (pages, base, name)) for name, (_, base) in roots.items()]
        steps += [(f"by keyboard, {name}", by_keyboard, (pages, base, name)) for name, (_, base) in roots.items()]
        hosted = roots["root"][1]
        local = roots["file"][1]
        steps += [
            ("nothing scrolls sideways", fits, (kinds, local)),
            ("accessible in both themes", accessible, (kinds, local)),
            ("readable without scripts", without_scripts, (pages, hosted)),
            ("letters do nothing", letters_do_nothing, (kinds, local)),
            ("less motion, forced colours", stands_still, (kinds, local)),
            ("the search index waits", index_waits, (kinds, local, site)),
            ("printed light and complete", prints, (kinds, local, printed)),
        ]
        for name, step, values in steps:
            before, begun = len(findings), time.monotonic()
            try:
                step(browser, findings, *values)
            except Exception as error:  # A step that breaks is a finding; the others still run.
                findings.check(False, name, f"could not be carried out: {str(error).splitlines()[0]}")
            mark = "✔" if len(findings) == before else "✘"
            print(f"{mark} {name} ({time.monotonic() - begun:.1f} s)", flush=True)
        if arguments.screenshots:
            arguments.screenshots.mkdir(parents=True, exist_ok=True)
            screenshots(browser, kinds, local, arguments.screenshots)
        browser.close()
    shutil.rmtree(printed, ignore_errors=True)
    print(f"{len(pages)} pages, {len(kinds)} kinds, {findings.checks} checks, {len(findings)} findings, "
          f"{time.monotonic() - started:.0f} s")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
