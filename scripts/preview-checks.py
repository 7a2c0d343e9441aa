#!/usr/bin/env python3
"""Uses `tend serve` as an author does: edits a page, makes a mistake, mends it, stops.

    scripts/preview-checks.py TEND STUDY_FOLDER

Works on a copy of the folder's study and results. Prints how long a change of a page takes to be visible in an open
browser (median of five). Tools and exit codes as of scripts/browser-checks.py.
"""
import importlib.util
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


def browser_checks():
    spec = importlib.util.spec_from_file_location("browser_checks", HERE / "browser-checks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copy_of(study, folder):
    for file in study.glob("*.yaml"):  # the study's recipes too
        shutil.copy(file, folder)
    for name in ("results", "measurements.csv"):
        if (study / name).is_dir():
            shutil.copytree(study / name, folder / name)
        elif (study / name).exists():
            shutil.copy(study / name, folder)
    (folder / "pages").mkdir()
    (folder / "pages" / "notes.md").write_text("# Notes\n\nWord 0.\n")


def main():
    tend, study = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    checks = browser_checks()
    browser_path = checks.chromium()
    checks.ensure_client(__file__)
    from playwright.sync_api import sync_playwright

    findings = checks.Findings()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = pathlib.Path(name)
        copy_of(study, folder)
        server = subprocess.Popen(
            [tend, "serve", folder / "study.yaml", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        try:
            address = server.stdout.readline().strip()
            findings.check(address.startswith("http://127.0.0.1:"), "tend serve", f"says {address!r}")
            browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page()
            page.on("console", lambda message: message.type == "error" and findings.check(
                False, "preview", f"console: {message.text}"))
            use(page, address, folder / "pages" / "notes.md", findings)
            strangers(address, findings)
            browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            try:
                status = server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                status = "no end"
        said = server.stderr.read()
        findings.check(status == 0, "Ctrl-C", f"ends with {status}")
        findings.check("pages/notes.md:3:" in said, "the terminal", "does not name the mistake's file and line")
        kept = (folder / "site" / "pages" / "notes" / "index.html").read_text()
        findings.check("Word 9" in kept, "site/", "is not what was shown last")
    print(f"{findings.checks} checks, {len(findings)} findings")
    sys.exit(1 if findings else 0)


def use(page, address, file, findings):
    figure = "![](figure:cka-by-size)"
    file.write_text(f"# Notes\n\nWord 0.\n\n{figure}\n")
    page.goto(address + "pages/notes/index.html")
    page.wait_for_selector("figure[id] .get button", timeout=10000)
    page.evaluate("() => { window.kept = 1; }")
    times = []
    for number in range(1, 6):
        page.wait_for_timeout(250)
        begun = time.monotonic()
        file.write_text(f"# Notes\n\nWord {number}.\n\n{figure}\n")
        page.wait_for_function(f"() => document.body.innerText.includes('Word {number}.')", polling=5, timeout=5000)
        times.append(time.monotonic() - begun)
    median = statistics.median(times)
    print(f"a change of a page is visible after {median * 1000:.0f} ms "
          f"(median of {len(times)}: {', '.join(f'{t * 1000:.0f}' for t in times)})")
    findings.check(page.evaluate("() => window.kept === 1"), "a changed text", "loads the page again")
    page.locator("figure[id] .get button", has_text="Enlarge").click()
    findings.check(page.locator("dialog[open]").count() == 1, "a changed text", "leaves a figure without its tools")
    page.keyboard.press("Escape")
    file.write_text(f"# Remarks\n\nWord 6.\n\n{figure}\n")
    page.wait_for_function("() => document.title.includes('Remarks') && document.body.innerText.includes('Word 6.')",
                           timeout=5000)
    findings.check(page.evaluate("() => window.kept !== 1"), "a changed title", "leaves the surroundings as they were")
    file.write_text("# Notes\n\nWord {{at_0.2 nobody mlp}}.\n")
    page.wait_for_selector("#_tend-mistake", timeout=5000)
    text = page.locator("#_tend-mistake").inner_text()
    findings.check("pages/notes.md:3:" in text, "a mistake", f"is shown as {text!r}")
    findings.check("Word 6." in page.locator("main").inner_text(), "a mistake", "takes the last page away")
    file.write_text("# Notes\n\nWord 9.\n")
    page.wait_for_function("() => document.body.innerText.includes('Word 9.')", timeout=5000)
    findings.check(page.locator("#_tend-mistake").count() == 0, "a mended mistake", "is still shown")


def strangers(address, findings):
    for headers, method, expected in (({"Host": "study.example"}, "GET", 421), ({}, "POST", 405), ({}, "GET", 200)):
        request = urllib.request.Request(address, headers=headers, method=method)
        try:
            status = urllib.request.urlopen(request, timeout=5).status
        except urllib.error.HTTPError as error:
            status = error.code
        findings.check(status == expected, f"{method} {headers}", f"is answered by {status}, not {expected}")


main()
