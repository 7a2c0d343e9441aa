"""Studies of the nano fixture in folders of their own, for the checks beside this file."""
import ast
import hashlib
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURE = ROOT / "Tests/Fixtures/nano"


class Failure(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failure(message)


def more_tokens(times):
    """The fixture's sequences, and as many again with their tokens turned by 1, 2 …, as a .npy file."""
    content = (FIXTURE / "tokens.npy").read_bytes()
    end = 10 + int.from_bytes(content[8:10], "little")
    header, data = ast.literal_eval(content[10:end].decode()), content[end:]
    sequences, length = header["shape"]
    item, row = len(data) // sequences // length, len(data) // sequences
    rows = [data[start:start + row] for start in range(0, len(data), row)]
    turned = [each[item * turn:] + each[:item * turn] for turn in range(times) for each in rows]
    header["shape"] = (sequences * times, length)
    text = f"{header}".ljust(end - 11) + "\n"
    return content[:10] + text.encode() + b"".join(turned)


class Study:
    """A study on the fixture's checkpoints and `times` its sequences."""

    def __init__(self, tend, folder, text, times=1):
        self.tend, self.folder = tend, pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        for path in FIXTURE.glob("step*"):
            (self.folder / path.name).symlink_to(path)
        (self.folder / "tokens.npy").write_bytes(more_tokens(times))
        self.file = self.folder / "study.yaml"
        self.file.write_text(text)

    def __call__(self, command, *arguments, code=0, **options):
        """Runs the command on this study; its output, after its exit code was looked at."""
        done = subprocess.run(
            [self.tend, command, str(self.file), *arguments], text=True, capture_output=True, **options)
        expect(
            code is None or done.returncode == code,
            f"tend {command} ended with {done.returncode}, not {code}: {done.stderr}{done.stdout}")
        return done

    def outputs(self):
        """Digests of everything that the same table makes the same: all but what holds times and hosts."""
        digests = {}
        for name in ["results", "figures", "site"]:
            for path in sorted((self.folder / name).rglob("*")):
                relative = str(path.relative_to(self.folder))
                if path.is_file() and "provenance" not in relative and path.name != ".tend-files":
                    digests[relative] = hashlib.sha256(path.read_bytes()).hexdigest()
        return digests

    def expect_same(self, local):
        """The outputs are byte for byte those of `local`, and there are some."""
        own, wanted = self.outputs(), local.outputs()
        different = sorted(k for k in own.keys() | wanted.keys() if own.get(k) != wanted.get(k))
        expect(len(wanted) > 20, f"only {len(wanted)} files to compare with")
        expect(not different, f"{len(different)} files differ from the local run: {different[:5]}")
        return len(own)

    def forget(self):
        for name in [".tend", "results", "figures", "site"]:
            shutil.rmtree(self.folder / name, ignore_errors=True)
