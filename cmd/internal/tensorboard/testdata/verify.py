"""Reads a log folder with TensorBoard's own code and prints its curves.

    python3 -m venv venv
    venv/bin/pip install tensorboard==2.21.0 setuptools==65.5.0
    venv/bin/python verify.py DIR

One line for each point, `run tag step wall_time value`: first as EventAccumulator reads the files, then, behind
a line `http`, as the server gives them to the browser. They must be the same points. The Go test beside this folder runs
it where `python3` has tensorboard, and compares the points with what was written.
"""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer


def files(folder):
    runs = EventMultiplexer().AddRunsFromDirectory(folder).Reload()
    for run, kinds in sorted(runs.Runs().items()):
        for tag in sorted(kinds["scalars"]):
            for e in runs.Scalars(run, tag):
                print(run, tag, e.step, e.wall_time, e.value)


def http(folder):
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--host", "127.0.0.1", "--port", "0"],
        stderr=subprocess.PIPE, text=True)
    try:
        base = next(m[1] for line in server.stderr if (m := re.search(r"(http://\S+/) \(Press", line)))
        for run, tags in sorted(get(base + "data/plugin/scalars/tags").items()):
            for tag in sorted(tags):
                for wall_time, step, value in get(f"{base}data/plugin/scalars/scalars?run={run}&tag={tag}"):
                    print(run, tag, step, wall_time, value)
    finally:
        server.terminate()


def get(url):
    """The answer, once the server has read the folder."""
    for _ in range(100):
        try:
            if answer := json.load(urllib.request.urlopen(url)):
                return answer
        except urllib.error.HTTPError:
            pass
        time.sleep(0.1)
    sys.exit("no answer from " + url)


if __name__ == "__main__":
    files(sys.argv[1])
    print("http")
    http(sys.argv[1])
