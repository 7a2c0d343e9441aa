#!/usr/bin/env python3
"""Watches `tend run` under a pseudo-terminal: the status line, resizing, Ctrl-Z, colours, JSON, logs.

  scripts/terminal-checks.py [TEND]

Each check prints a line; exit code 1 where one fails.
"""
import fcntl, json, os, pathlib, pty, re, select, shutil, signal, struct, subprocess, sys, tempfile, termios, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEND = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else str(ROOT / ".build/release/tend")
STUDY = """name: terminal
runs: [{{name: nano, checkpoints: {0}}}]
probes: [{{name: a, tokens: {0}/tokens.npy}}]
"""
SGR = re.compile(r"\x1b\[[0-9;]*m")
failures = []


def check(what, holds, detail=""):
    print(f"{'ok' if holds else 'FAILED'}  {what}" + (f": {detail}" if detail and not holds else ""))
    if not holds:
        failures.append(what)


def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def lead(arguments, environment, report):
    """The shell's part: leads the session, runs tend as the foreground job and ends as it does.

    A process group whose parent is outside its session is orphaned, and Ctrl-Z does not stop it."""
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.environ.pop("NO_COLOR", None)
        os.environ.update({"TERM": "xterm", **(environment or {})})
        os.execv(TEND, [TEND, *arguments])
    os.write(report, b"%d\n" % job)
    _, result = os.waitpid(job, 0)
    code = os.waitstatus_to_exitcode(result)
    os._exit(code if code >= 0 else 128 - code)


def watch(arguments, columns=100, environment=None, action=None):
    """Runs tend in a terminal of its own; `action` is called with its pid and the terminal when the status
    line has been drawn a few times, so that it falls into the middle of the work of any machine."""
    told, report = os.pipe()
    leader, terminal = pty.fork()
    if leader == 0:
        os.close(told)
        lead(arguments, environment, report)
    os.close(report)
    pid = int(os.read(told, 20))
    os.close(told)
    resize(terminal, columns)
    output, begun, status = b"", time.monotonic(), None
    marks = []
    while status is None:
        if action and output.count(b" of ") >= 4:
            marks.append(len(output))
            action(pid, terminal)
            action = None
        if select.select([terminal], [], [], 0.02)[0]:
            try:
                output += os.read(terminal, 65536)
            except OSError:
                pass
        done, result = os.waitpid(leader, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(result)
        elif time.monotonic() - begun > 120:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(leader, 0)
            status = "too long"
    while select.select([terminal], [], [], 0.05)[0]:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        output += more
    os.close(terminal)
    return status, output.decode("utf-8", "replace"), marks


def draws(text):
    """What the status line said each time it was drawn, without escapes."""
    return [SGR.sub("", part) for part in re.split(r"\r(?:\x1b\[[KJ])?", text) if " of " in part]


def main():
    with tempfile.TemporaryDirectory(prefix="tend-terminal-") as folder:
        study = pathlib.Path(folder) / "study.yaml"
        study.write_text(STUDY.format(ROOT / "Tests/Fixtures/nano"))

        def forget():
            for name in [".tend", "results", "figures", "site"]:
                shutil.rmtree(study.parent / name, ignore_errors=True)

        status, text, _ = watch(["run", str(study)])
        lines = draws(text)
        check("a run in a terminal ends well", status == 0, str(status))
        check("the line tells stage, unit i of n, peak memory",
              any(re.search(r"^(capturing|comparing|measuring).* \d+ of \d+ .*peak \d+ MB", l) for l in lines),
              repr(lines[:3]))
        check("it tells a rate and the time left",
              any(re.search(r"(/s|each).* left", l) for l in lines), repr(lines[-3:]))
        check("it never is wider than the window",
              all(len(l.split("\n")[0]) < 100 for l in lines), max(lines, key=len, default=""))
        check("colours are used", bool(SGR.search(text)))

        forget()
        status, text, _ = watch(["run", str(study)], environment={"NO_COLOR": "1"})
        check("NO_COLOR is honoured", status == 0 and not SGR.search(text))

        forget()
        status, text, marks = watch(
            ["run", str(study)], columns=120,
            action=lambda pid, terminal: resize(terminal, 30))
        # What was on its way when the window changed still has the old width.
        late = draws(text[marks[0] + 400:]) if marks else []
        check("a window that is made narrower is followed",
              status == 0 and bool(late) and all(len(l.split("\n")[0]) < 30 for l in late),
              repr(late[:3]))

        forget()
        stopped = []

        def stop(pid, terminal):
            os.write(terminal, b"\x1a")
            time.sleep(0.5)
            with open(f"/proc/{pid}/stat") as file:
                stopped.append(file.read().rsplit(") ", 1)[1][0])
            os.kill(pid, signal.SIGCONT)

        status, text, marks = watch(["run", str(study)], action=stop)
        check("Ctrl-Z stops it", stopped == ["T"], str(stopped))
        check("it goes on afterwards, with its line",
              status == 0 and bool(marks) and bool(draws(text[marks[0]:])), str(status))

        forget()
        status, text, _ = watch(["run", str(study)], action=lambda pid, terminal: os.write(terminal, b"\x03"))
        check("Ctrl-C ends it with 130 and how to go on",
              status == 130 and f"tend run {study}" in text.replace("\r\n", ""), repr(text[-200:]))

        forget()
        status, text, _ = watch(["run", str(study)], environment={"TERM": "dumb"})
        check("a dumb terminal gets plain lines", status == 0 and "\x1b" not in text)

        forget()
        done = subprocess.run([TEND, "run", str(study)], capture_output=True, text=True)
        check("a pipe gets plain lines", done.returncode == 0 and "\x1b" not in done.stderr
              and "\r" not in done.stderr and "(1 of " in done.stderr)
        check("standard output is the report's path alone",
              done.stdout == f"{study.parent}/site/index.html\n", repr(done.stdout))

        forget()
        done = subprocess.run([TEND, "run", str(study), "--progress", "json"], capture_output=True, text=True)
        records = [json.loads(line) for line in done.stderr.splitlines()]
        finished = [r for r in records if r["event"] == "unit_finished"]
        check("--progress json is one object a line", done.returncode == 0 and len(finished) > 20)
        check("with index, rate, time left and peak memory",
              all({"index", "of", "peak_mb"} <= r.keys() for r in finished)
              and any("seconds_left" in r for r in finished)
              and any("units_per_second" in r for r in finished))

        forget()
        done = subprocess.run([TEND, "run", str(study), "--quiet"], capture_output=True, text=True)
        check("--quiet says nothing", done.returncode == 0 and done.stderr == "" and done.stdout == "",
              repr(done.stderr[:200] + done.stdout[:200]))
        forget()
        done = subprocess.run([TEND, "run", str(study), "--verbose"], capture_output=True, text=True)
        check("--verbose says more", done.returncode == 0 and "peak" in done.stderr)

        logs = sorted((study.parent / ".tend/log").glob("*.log"))
        text = logs[-1].read_text() if logs else ""
        stamp = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "
        check("the log begins with the command, each line with the time, and it has an end",
              f"tend run {study}" in text.splitlines()[0].replace(TEND, "tend")
              and all(re.match(stamp, line) for line in text.splitlines())
              and "ended with exit code 0" in text.splitlines()[-1], text[:200])
    return 1 if failures else 0


sys.exit(main())
