#!/usr/bin/env python3
"""Measures ruta against curl doing the same requests over one connection, and how its cost grows.

    tests/bench/run.py            everything, about ten minutes
    tests/bench/run.py --short    fewer runs, under three minutes
    tests/bench/run.py --write    puts the tables into docs/performance.md as well

Needs cargo, Python 3.9 and curl; counts instructions where valgrind is installed, and peak memory where GNU time is. Everything stays on this machine. The
round trip is added by a line of the benchmark's own server, so opening the connection itself costs nothing.
"""

import argparse
import json
import os
import platform
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KEY = "Vn4kTz8QpW2xRb6LmYc9HdJf"
CHECKS = "models,chat,stream"
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))


class Server:
    """The benchmark's server, as a process of its own."""

    def __init__(self, program, ca, models=10, size=0, think=0):
        arguments = [program, "serve", ca, str(models), str(size), str(think)]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = json.loads(self.process.stdout.readline())

    def url(self, kind, path=""):
        scheme = "http" if kind == "http" else "https"
        return f"{scheme}://localhost:{self.ports[kind]}/v1{path}"

    def count(self):
        """What came in since the last time."""
        self.process.stdin.write("count\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


class Run:
    """One run of a program: milliseconds of wall clock and of processors, exit code."""

    def __init__(self, command, environment):
        started = time.perf_counter()
        pid = os.posix_spawn(
            command[0], command, environment,
            file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, flags, 0)
                          for fd, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY))],
        )
        _, status, used = os.wait4(pid, 0)
        self.wall = (time.perf_counter() - started) * 1000
        self.cpu = (used.ru_utime + used.ru_stime) * 1000
        self.exit = os.waitstatus_to_exitcode(status)


def clean(**more):
    """An environment without anything that changes what is asked."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", **more}


def median(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def measure(commands, times):
    """Runs the commands by turns, so that what else the machine does falls on all of them alike."""
    runs = {name: [] for name in commands}
    for round_ in range(times + 1):
        for name, (command, environment) in commands.items():
            run = Run(command, environment)
            if run.exit != 0:
                sys.exit(f"{' '.join(command)}: exit {run.exit}")
            if round_ > 0:
                runs[name].append(run)
    return runs


def peak(command, environment):
    """The peak memory of a run in MiB; None without GNU time. The system counts what a program's starter needed before it,
    and time needs little, unlike Python."""
    time_ = shutil.which("time")
    if not time_:
        return None
    with tempfile.NamedTemporaryFile("r") as said:
        subprocess.run([time_, "-f", "%M", "-o", said.name, *command], env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        found = re.search(r"^(\d+)$", said.read(), re.MULTILINE)
    return int(found.group(1)) / 1024 if found else None


def within(what, value, most, unit):
    """A goal for a figure that may not be known."""
    return (f"{value:.1f} {unit}, at most {most}", value <= most) if value is not None else (f"{what} is not known", True)


def instructions(command, environment):
    """How many millions of instructions a run takes; None without valgrind."""
    valgrind = shutil.which("valgrind")
    if not valgrind:
        return None
    done = subprocess.run(
        [valgrind, "--tool=callgrind", f"--callgrind-out-file={os.devnull}", *command],
        env=environment, capture_output=True, text=True, check=False,
    )
    found = re.search(r"refs:\s+([\d,]+)", done.stderr)
    return int(found.group(1).replace(",", "")) / 1e6 if found else None


def curl_asks(curl, url, *more):
    """curl doing what the doctor does: the list, a chat, a stream, over one connection."""
    common = ["-s", "-o", os.devnull, "-H", f"authorization: Bearer {KEY}", *more]
    command = [curl, *common, f"{url}/models"]
    for stream in ("false", "true"):
        body = '{"model":"model-0","messages":[{"role":"user","content":"Hi"}],"max_tokens":16,"stream":%s}' % stream
        json_ = ["-H", "content-type: application/json", "-d", body]
        command += ["--next", *common, *json_, f"{url}/chat/completions"]
    return command


class Table:
    """Rows under a head, as Markdown."""

    def __init__(self, title, *head):
        self.title, self.head, self.rows = title, head, []

    def add(self, *row):
        self.rows.append([str(cell) for cell in row])
        print("  " + " | ".join(self.rows[-1]), flush=True)

    def text(self):
        lines = [f"## {self.title}", "", "| " + " | ".join(self.head) + " |", "| " + " | ".join("---" for _ in self.head) + " |"]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in self.rows])


def number(value, digits=1):
    return "-" if value is None else f"{value:.{digits}f}"


def against_curl(bench, times):
    """Models, chat and stream at three round trips, beside curl and beside the least that it can take."""
    table = Table("Against curl", "round trip", "", "wall ms", "CPU ms", "instructions M", "peak MiB", "connections", "bytes sent", "goal", "met")
    with Server(bench.server, bench.ca) as server:
        trust(bench)
        for kind in ("0", "20", "100"):
            url = server.url(kind)
            ruta = [bench.ruta, "doctor", "--url", url, "--model", "model-0", "--only", CHECKS, "-q"]
            commands = {
                "ruta": (ruta, clean(RUTA_API_KEY=KEY, SSL_CERT_FILE=bench.bundle)),
                "curl": (curl_asks(bench.curl, url), clean(SSL_CERT_FILE=bench.bundle)),
            }
            runs = measure(commands, times)
            floors = []
            for _ in range(times):
                done = subprocess.run([bench.server, "floor", str(server.ports[kind]), bench.ca], capture_output=True, text=True, check=True)
                floors.append(float(done.stdout))
            least = statistics.median(floors)
            wall = {name: median(runs[name], "wall") for name in runs}
            cpu = {name: median(runs[name], "cpu") for name in runs}
            ratio, processors = wall["ruta"] / wall["curl"], cpu["ruta"] / cpu["curl"]
            goals = [(f"CPU {processors:.2f} of curl's, at most 0.4", processors <= 0.4)]
            if kind == "0":
                goals.append((f"wall {ratio:.2f} of curl's, at most 0.7", ratio <= 0.7))
            if kind == "100":
                over = wall["ruta"] / least
                goals += [(f"wall {over:.3f} of the least, at most 1.02", over <= 1.02), (f"{ratio:.2f} of curl's, at most 1", ratio <= 1)]
            memory = {name: peak(*commands[name]) for name in commands}
            goals.append(within("peak memory", memory["ruta"], 12, "MiB"))
            for name, (command, environment) in commands.items():
                server.count()
                Run(command, environment)
                came = server.count()
                counted = instructions(command, environment) if kind == "0" else None
                goal = "; ".join(text for text, _ in goals) if name == "ruta" else ""
                met = verdict(goals) if name == "ruta" else ""
                table.add(f"{kind} ms", name, number(wall[name]), number(cpu[name]), number(counted), number(memory[name]), came["connections"], came["received"], goal, met)
            table.add(f"{kind} ms", "the least", number(least), "", "", "", "", "", "", "")
    return table


def trust(bench):
    """Writes a store with this machine's certificates and the server's, for both programs."""
    system = ssl.get_default_verify_paths()
    found = [path for path in (system.cafile, system.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem") if path and os.path.exists(path)]
    with open(bench.bundle, "w", encoding="utf-8") as bundle:
        for path in [*found[:1], bench.ca]:
            with open(path, encoding="utf-8") as file:
                bundle.write(file.read())


def verdict(goals):
    missed = [text for text, met in goals if not met]
    return "yes" if not missed else "no: " + "; ".join(missed)


def start_up(bench, times):
    """How long nothing takes, and when the first byte leaves."""
    table = Table("Starting", "what", "ruta", "curl", "goal", "met")
    runs = measure({"ruta": ([bench.ruta, "--version"], clean()), "curl": ([bench.curl, "--version"], clean())}, times * 3)
    cpu = {name: median(runs[name], "cpu") for name in runs}
    wall = {name: median(runs[name], "wall") for name in runs}
    ratio = wall["ruta"] / wall["curl"]
    table.add("`--version`, wall ms", number(wall["ruta"], 2), number(wall["curl"], 2), f"{ratio:.2f} of curl's, at most 0.5", verdict([("", ratio <= 0.5)]))
    table.add("`--version`, CPU ms", number(cpu["ruta"], 2), number(cpu["curl"], 2), "", "")
    counted = [instructions([program, "--version"], clean()) for program in (bench.ruta, bench.curl)]
    table.add("`--version`, instructions M", number(counted[0], 2), number(counted[1], 2), "", "")
    first = {}
    for name in ("ruta", "curl"):
        waits = [first_byte(bench, name) for _ in range(times * 2)]
        first[name] = statistics.median(waits)
    table.add("first byte on plain HTTP, ms after start", number(first["ruta"], 2), number(first["curl"], 2), "at most 3", verdict([("", first["ruta"] <= 3)]))
    table.add("size of the program, bytes", os.path.getsize(bench.ruta), "", "at most 8,388,608", verdict([("", os.path.getsize(bench.ruta) <= 8_388_608)]))
    return table


def first_byte(bench, name):
    """Milliseconds from the start of a program to its first byte at a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        command = [bench.ruta, "doctor", "--url", url, "--no-key", "-q"] if name == "ruta" else [bench.curl, "-s", f"{url}/models"]
        started = time.perf_counter()
        with subprocess.Popen(command, env=clean(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            stream, _ = listener.accept()
            with stream:
                stream.recv(1)
                waited = (time.perf_counter() - started) * 1000
            process.kill()
        return waited


def many_models(bench, times):
    """The cost of a list by its length."""
    table = Table("Growth: models in the list", "models", "list MiB", "wall ms", "CPU ms", "CPU µs a model", "peak MiB", "goal", "met")
    for models, size in ((10, 0), (1_000, 0), (100_000, 20 * 1024 * 1024)):
        with Server(bench.server, bench.ca, models, size) as server:
            command = [bench.ruta, "doctor", "--url", server.url("http"), "--model", f"model-{models - 1}", "--only", "models", "-q"]
            runs = [Run(command, clean(RUTA_API_KEY=KEY)) for _ in range(times)]
            wall, cpu, memory = median(runs, "wall"), median(runs, "cpu"), peak(command, clean(RUTA_API_KEY=KEY))
            goals = [within("peak memory", memory, 24, "MiB"), (f"{wall:.0f} ms, at most 300", wall <= 300)] if models == 100_000 else []
            table.add(models, number(max(size, models * 75) / 1024 / 1024), number(wall), number(cpu), number(cpu * 1000 / models, 2), number(memory), "; ".join(text for text, _ in goals), verdict(goals) if goals else "")
    return table


def many_connections(bench, times):
    """The cost of a run by the number of its connections, each to a server that takes 100 ms for an answer."""
    table = Table("Growth: connections", "connections", "servers", "wall ms", "CPU ms", "CPU ms a connection", "peak MiB", "goal", "met")
    with Server(bench.server, bench.ca, think=100) as server:
        for kind, what in (("http", "plain HTTP, 100 ms an answer"), ("0", "TLS, 100 ms an answer")):
            for count in (1, 10, 100, 1_000):
                folder = saved(bench, f"{kind}-{count}", [server.url(kind)] * count)
                run = best(bench, folder, times if count < 1_000 else max(1, times // 3))
                memory = peak(*all_of(bench, folder))
                goals = [(f"{run.wall / 1000:.2f} s, at most 2", run.wall <= 2_000), within("peak memory", memory, 64, "MiB")] if count == 1_000 else []
                table.add(count, what, number(run.wall), number(run.cpu), number(run.cpu / count, 2), number(memory), "; ".join(text for text, _ in goals), verdict(goals) if goals else "")
    with Dead() as dead:
        for limit in (2, 10):
            folder = saved(bench, "dead", [f"http://127.0.0.1:{dead.port}/v1"] * 1_000)
            run = best(bench, folder, 1, "--connect-timeout", f"{limit}s")
            allowed = limit * 1_100
            goals = [(f"{run.wall / 1000:.2f} s, at most {allowed / 1000:.1f}", run.wall <= allowed)]
            table.add(1_000, f"dead, {limit} s to connect", number(run.wall), number(run.cpu), number(run.cpu / 1_000, 2), "", goals[0][0], verdict(goals))
    return table


class Dead:
    """An address that never takes a connection: its queue is full."""

    def __enter__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.waiting = []
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", self.port))
            self.waiting.append(waiting)
        time.sleep(0.2)
        return self

    def __exit__(self, *_):
        for waiting in [*self.waiting, self.listener]:
            waiting.close()


def saved(bench, name, urls):
    """A folder of settings with these connections saved."""
    folder = os.path.join(bench.folder, name)
    os.makedirs(os.path.join(folder, "ruta"), exist_ok=True)
    with open(os.path.join(folder, "ruta", "connections.toml"), "w", encoding="utf-8") as file:
        for index, url in enumerate(urls):
            file.write(f'[connection-{index}]\nurl = "{url}"\nmodel = "model-0"\nkey = "none"\n\n')
    return folder


def all_of(bench, folder, *more):
    """`ruta doctor --all` with these settings, and its environment."""
    return [bench.ruta, "doctor", "--all", "--only", CHECKS, "-q", *more], clean(XDG_CONFIG_HOME=folder, SSL_CERT_FILE=bench.ca)


def best(bench, folder, times, *more):
    """The median run of it."""
    runs = sorted((Run(*all_of(bench, folder, *more)) for _ in range(times)), key=lambda run: run.wall)
    return runs[len(runs) // 2]


def machine():
    """The machine in a line."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{os.cpu_count()} processors ({model}), {memory:.0f} GiB, {platform.system()} {platform.release()}"


def main():
    """Builds, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="fewer runs")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--only", help="only the tables whose name contains this")
    bench = parser.parse_args()
    bench.curl = shutil.which("curl") or sys.exit("curl is not installed")
    build = ["cargo", "build", "--release", "--bin", "ruta", "--bench", "server", "--message-format", "json-render-diagnostics"]
    built = subprocess.run(build, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    made = [json.loads(line) for line in built.stdout.splitlines()]
    made = {unit["target"]["name"]: unit["executable"] for unit in made if unit.get("executable")}
    bench.ruta, bench.server = made["ruta"], made["server"]
    times = 7 if bench.short else 21
    version = lambda *command: subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as bench.folder:
        bench.ca, bench.bundle = (os.path.join(bench.folder, name) for name in ("ca.pem", "bundle.pem"))
        tables = []
        for each in (start_up, against_curl, many_models, many_connections):
            if bench.only and bench.only not in each.__name__:
                continue
            print(each.__doc__, flush=True)
            tables.append(each(bench, times))
    text = "\n\n".join(table.text() for table in tables)
    notes = f"{machine()}; {version(bench.ruta, '--version')}; {' '.join(version(bench.curl, '--version').split()[:2])}; {version('rustc', '--version')}; load before the run {busy:.1f}; medians of {times} runs; `just bench{' --short' if bench.short else ''}`, {time.strftime('%Y-%m-%d')}."
    print(f"\n{notes}\n\n{text}")
    if bench.write:
        write(notes, text)


def write(notes, text):
    """Puts the tables where the page of figures has them."""
    path = os.path.join(ROOT, "docs", "performance.md")
    with open(path, encoding="utf-8") as file:
        before, _, rest = file.read().partition("<!-- figures -->")
    _, _, after = rest.partition("<!-- end of the figures -->")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}<!-- figures -->\n\n{notes}\n\n{text}\n\n<!-- end of the figures -->{after}")


if __name__ == "__main__":
    main()
