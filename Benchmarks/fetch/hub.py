#!/usr/bin/env python3
"""A hub-shaped server on loopback with one repository, for timings and for tests by hand.

    hub.py PORT MEGABYTES [STEPS] [MICROSECONDS]

Serves hf://someone/tiny with the revisions step0, step1, …, each a config.json and a model.safetensors of
MEGABYTES; the weights come from a second port (PORT + 1) by redirect, MICROSECONDS apart a 64 kB piece.
GET /count tells how many bytes of each large file were handed to the system.
"""
import hashlib
import json
import os
import socket
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, megabytes = int(sys.argv[1]), int(sys.argv[2])
steps = int(sys.argv[3]) if len(sys.argv) > 3 else 1
pause = float(sys.argv[4]) / 1e6 if len(sys.argv) > 4 else 0
folder = tempfile.mkdtemp(prefix="tend-hub-")
size = megabytes << 20
header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
large, small, sent = {}, {}, {}
for step in range(steps):
    path = os.path.join(folder, str(step))
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        def put(data):
            digest.update(data)
            file.write(data)
        put(len(header).to_bytes(8, "little") + header)
        block = os.urandom(1 << 20)
        for _ in range(megabytes):
            put(block)
    large[step] = (digest.hexdigest(), path, os.path.getsize(path))
    config = json.dumps({"step": step}).encode()
    name = hashlib.sha1(b"blob %d\0" % len(config) + config).hexdigest()
    small[step] = (name, config)


def commit(step):
    return hashlib.sha1(b"step%d" % step).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        for key, value in fields.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts == ["count"]:
            return self.answer(200, json.dumps(sent).encode())
        if parts[:2] == ["api", "models"]:
            if parts[4:] == ["refs"]:
                branches = [{"name": f"step{s}", "targetCommit": commit(s)} for s in large]
                return self.answer(200, json.dumps({"branches": branches, "tags": []}).encode())
            step = next((s for s in large if parts[5:] in ([commit(s)], [f"step{s}"])), None)
            if step is None:
                return self.answer(404)
            if parts[4] == "revision":
                files = [{"rfilename": "config.json"}, {"rfilename": "model.safetensors"}]
                return self.answer(200, json.dumps(
                    {"id": "someone/tiny", "sha": commit(step), "siblings": files}).encode())
            name, config = small[step]
            digest, _, length = large[step]
            return self.answer(200, json.dumps([
                {"type": "file", "path": "config.json", "oid": name, "size": len(config)},
                {"type": "file", "path": "model.safetensors", "oid": "0" * 40, "size": length,
                 "lfs": {"oid": digest, "size": length, "pointerSize": 134}},
            ]).encode())
        if len(parts) == 5 and parts[2] == "resolve":
            step = next((s for s in large if parts[3] in (commit(s), f"step{s}")), None)
            if step is None:
                return self.answer(404)
            if parts[4] == "config.json":
                return self.answer(200, small[step][1], ETag=f'"{small[step][0]}"',
                                   X_Repo_Commit=commit(step))
            digest, _, length = large[step]
            return self.answer(302, X_Repo_Commit=commit(step), X_Linked_Etag=f'"{digest}"',
                               X_Linked_Size=str(length), ETag=f'"{digest}"',
                               Location=f"http://127.0.0.1:{port + 1}/{digest}")
        self.content(parts[0])

    def content(self, name):
        found = next(((p, n) for d, p, n in large.values() if d == name), None)
        if found is None:
            return self.answer(404)
        path, length = found
        start = 0
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range", f'"{name}"') == f'"{name}"':
            start = int(asked[6:].split("-")[0])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{length - 1}/{length}")
        self.send_header("Content-Length", str(length - start))
        self.send_header("ETag", f'"{name}"')
        self.end_headers()
        if self.command == "HEAD":
            return
        if pause:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 << 10)
        with open(path, "rb") as file:
            offset = start
            while offset < length:
                try:
                    count = os.sendfile(self.connection.fileno(), file.fileno(), offset,
                                        64 << 10 if pause else 1 << 30)
                except OSError:
                    self.close_connection = True
                    return
                if count == 0:
                    break
                offset += count
                sent[name] = sent.get(name, 0) + count
                if pause:
                    threading.Event().wait(pause)


for number in (port + 1, port):
    server = ThreadingHTTPServer(("127.0.0.1", number), Handler)
    server.daemon_threads = True
    if number == port:
        print("ready", flush=True)
        server.serve_forever()
    else:
        threading.Thread(target=server.serve_forever, daemon=True).start()
