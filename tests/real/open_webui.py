"""Compares what `ruta doctor` predicts for Open WebUI with what a real Open WebUI does with the same values.

Started by open-webui.sh, inside the virtual environment that Open WebUI itself runs in. One case after the other: a
server plays a scenario, the doctor examines it, then Open WebUI is asked to verify the connection, to list its models
and to chat, the way its own page does.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import sys
import time
import tomllib
import uuid
from pathlib import Path

import aiohttp
import socketio

from open_webui_cases import BODIES, KEYS, URLS
from open_webui_reasons import EXPLAINED, ONE_PART, OTHER_CLIENT, TWO_KINDS, UNPREDICTED

PROJECT = Path(__file__).resolve().parents[2]
SCENARIOS = PROJECT / "fixtures" / "scenarios"
KEEPER = "model-of-another-connection"
PATIENCE = 13.0
# An address that swallows packets is given up by the system after two minutes and more, a handshake after one.
LONG = {"connect-timeout": 150.0, "response-timeout-tls": 75.0}


class OpenWebUI:
    """The real program, asked as its page asks it."""

    def __init__(self, base, session):
        self.base, self.session, self.headers = base, session, {}
        self.events, self.io = asyncio.Queue(), socketio.AsyncClient()

    async def start(self):
        async with self.session.post(f"{self.base}/api/v1/auths/signin", json={"email": "", "password": ""}) as answer:
            token = (await answer.json())["token"]
        self.headers = {"Authorization": f"Bearer {token}"}
        self.io.on("events", self.events.put)
        await self.io.connect(self.base, socketio_path="/ws/socket.io", transports=["websocket"], auth={"token": token})
        await self.io.emit("user-join", {"auth": {"token": token}})

    async def stop(self):
        await self.io.disconnect()

    async def post(self, path, body):
        async with self.session.post(f"{self.base}{path}", json=body, headers=self.headers) as answer:
            return answer.status, await answer.text()

    async def verify(self, url, key):
        """What the button says, by the code of the page: a text, or None for nothing at all."""
        try:
            status, text = await self.post("/openai/verify", {"url": url, "key": key or "", "config": azure(url)})
        except aiohttp.ClientConnectionError:
            return "OpenAI: Network Problem"
        try:
            # A page does not see a byte order mark.
            body = json.loads(text.removeprefix("\ufeff"))
        except ValueError:
            return "OpenAI: Network Problem"
        if 200 <= status < 300:
            return "Server connection verified" if truthy(body) else None
        message = body.get("error") if isinstance(body, dict) else None
        message = message.get("message") if isinstance(message, dict) else None
        return f"OpenAI: {'Network Problem' if message is None else js(message)}"

    async def configure(self, connections):
        urls, keys, configs = ["http://127.0.0.1:9/v1"], [""], {"0": {"enable": True, "model_ids": [KEEPER]}}
        for url, key, ids in connections:
            configs[str(len(urls))] = {"enable": True, "model_ids": ids, **azure(url)}
            urls.append(url)
            keys.append(key or "")
        body = {
            "ENABLE_OPENAI_API": True,
            "OPENAI_API_BASE_URLS": urls,
            "OPENAI_API_KEYS": keys,
            "OPENAI_API_CONFIGS": configs,
        }
        status, text = await self.post("/openai/config/update", body)
        assert status == 200, text

    async def models(self):
        """The IDs in the menu, or None where the menu breaks."""
        async with self.session.get(f"{self.base}/api/models?refresh=true", headers=self.headers) as answer:
            if answer.status != 200:
                return None
            return [model["id"] for model in (await answer.json())["data"]]

    async def chat(self, model, patience):
        """What a chat ends in, and the text of its error box."""
        while not self.events.empty():
            self.events.get_nowait()
        message, chat = str(uuid.uuid4()), f"local:{self.io.get_sid()}"
        body = {
            "stream": True,
            "model": model,
            "messages": [{"role": "user", "content": "Say OK."}],
            "params": {},
            "features": {},
            "variables": {},
            "session_id": self.io.get_sid(),
            "chat_id": chat,
            "id": message,
            "background_tasks": {},
        }
        status, text = await self.post("/api/chat/completions", body)
        if status != 200:
            # A crash has no words; the page has no model to chat with then.
            with contextlib.suppress(ValueError):
                detail = json.loads(text).get("detail")
                return "error", detail if isinstance(detail, str) else json.dumps(detail)
            return "error", None
        error, heard, until = None, False, time.monotonic() + patience
        while (left := until - time.monotonic()) > 0:
            try:
                event = await asyncio.wait_for(self.events.get(), left)
            except asyncio.TimeoutError:
                break
            if event.get("message_id") != message:
                continue
            kind, data = event["data"].get("type"), event["data"].get("data") or {}
            if kind == "chat:message:error" or (kind == "chat:completion" and data.get("error")):
                error = words(data["error"])
            heard = heard or speaks(data)
            if kind == "chat:active" and not data.get("active"):
                return ("error", error) if error is not None else ("reply" if heard else "empty", None)
        await self.post(f"/api/tasks/chat/{chat}/stop", {})
        return ("error", error) if error is not None else ("endless", None)


def azure(url):
    """What the form adds by itself where it takes a URL for Azure's."""
    if ("azure." in url or "cognitive.microsoft.com" in url) and not re.search(r"/openai/v1(/|$)", url):
        return {"azure": True, "provider": "azure", "api_version": "2024-10-21"}
    return {}


def truthy(value):
    return isinstance(value, (list, dict)) or bool(value)


def js(value):
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, list):
        return ",".join("" if item is None else js(item) for item in value)
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


def words(error):
    """The text that the page finds in an error."""
    if isinstance(error, list):
        return "Server connection failed"

    def at(*names):
        value = error
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    found = [at("detail", "error", "message"), at("detail", "message"), at("detail", "content"), at("detail", "error")]
    found += [at("detail"), at("error", "message"), at("error", "content"), at("error"), at("message"), at("content")]
    found += [error]
    return next((text for text in found if isinstance(text, str)), "Server connection failed")


def speaks(data):
    """Whether an event puts anything on the page: text, thinking, a tool call."""
    if str(data.get("delta") or "").strip() and str(data.get("type", "")).endswith(".delta"):
        return True
    for item in data.get("output") or []:
        if item.get("type") == "function_call":
            return True
        if any((part.get("text") or "").strip() for part in item.get("content") or [] if isinstance(part, dict)):
            return True
    for choice in data.get("choices") or []:
        message = choice.get("message") if isinstance(choice, dict) else None
        if isinstance(message, dict) and message.get("content"):
            return True
    return False


@contextlib.asynccontextmanager
async def played(play, scenario):
    """A server that plays this scenario, and what a user would type."""
    process = await asyncio.create_subprocess_exec(
        play, str(scenario), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**22
    )
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), 3)
        if process.returncode is None:
            process.kill()


async def predicted(ruta, said):
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "container": "", **dict(said["environment"])}
    process = await asyncio.create_subprocess_exec(
        ruta, "doctor", *said["arguments"], "--format", "json", env=environment, limit=2**26,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )
    out, complaint = await process.communicate()
    try:
        report = json.loads(out)
    except ValueError:
        raise RuntimeError(f"no report: {complaint.decode()}") from None
    return report["diagnosis"]["cause"], report["client_prediction"]


def meets(said, change):
    """The values with what a case enters otherwise."""
    url = change.get("url", lambda url: url)(said["url"])
    key = change["key"] if "key" in change else said["key"]
    arguments = list(said["arguments"])
    if "--url" in arguments:
        arguments[arguments.index("--url") + 1] = url
    environment = [pair for pair in said["environment"] if pair[0] != "RUTA_API_KEY"]
    if key:
        environment.append(["RUTA_API_KEY", key])
    elif "--no-key" not in arguments:
        arguments.append("--no-key")
    return {**said, "url": url, "key": key, "arguments": arguments, "environment": environment}


async def seen(webui, said, name, settings):
    """What the real program does."""
    url, key, model = re.sub(r"/$", "", said["url"]), said["key"], said["model"]
    rules = settings.rules
    if rules:
        rules.write_text(json.dumps({"connect": connects(said), "ca": ca(said), "proxies": proxies(said)}))
    patience = LONG.get(name, PATIENCE)
    result = {"verify_says": await webui.verify(url, key)}
    await webui.configure([])
    await webui.models()
    # There the form asks for the names of deployments and does not go on without.
    await webui.configure([(url, key, [model] if azure(url) and model else [])])
    menu = await webui.models()
    result["breaks"] = menu is None
    others = [model for model in menu or [] if model != KEEPER]
    result["listed"] = bool(others)
    result["in_menu"] = model in others if model else None
    if model:
        result["chat"], result["chat_says"] = await webui.chat(model, patience)
        if not result["in_menu"]:
            await webui.configure([(url, key, [model])])
            await webui.models()
            result["by_hand"], result["by_hand_says"] = await webui.chat(model, patience)
    return result


def connects(said):
    """Where the doctor is told to connect to, for Open WebUI to do the same."""
    words = said["arguments"]
    rules = [words[at + 1] for at, word in enumerate(words) if word == "--connect-to"]
    split = [re.fullmatch(r"(.*?):(\d*):(\[.*\]|[^:]*):(\d*)", rule).groups() for rule in rules]
    return [[host, int(port or 0), to.strip("[]"), int(to_port or 0)] for host, port, to, to_port in split]


def ca(said):
    words = said["arguments"]
    return words[words.index("--cacert") + 1] if "--cacert" in words else None


def proxies(said):
    """The proxies that Python's libraries find in the environment that the doctor gets."""
    words, found = said["arguments"], {}
    if "--proxy" in words:
        found = dict.fromkeys(["http", "https"], words[words.index("--proxy") + 1])
    for name, value in said["environment"]:
        if value and name.lower().endswith("_proxy"):
            found[name.lower().removesuffix("_proxy")] = value
    return found


def same_text(predicted, real):
    """Whether a text is the same as far as it was shown, the key taken out."""
    if predicted is None or real is None:
        return predicted == real
    flat = " ".join("".join(c for c in real if c.isprintable() or c.isspace()).split())
    shown, cut = (predicted[:-1], True) if predicted.endswith("…") else (predicted, False)
    pattern = ".+?".join(re.escape(" ".join(part.split())) for part in re.split(r"\[key removed\]|…", shown))
    return re.match(pattern if cut else pattern + r"\s*\Z", flat, re.S) is not None


def compare(told, real):
    """Each fact as (name, predicted, real, agrees); a fact that was not predicted agrees with nothing and is None."""
    rows = []

    def add(what, one, other, agrees):
        rows.append((what, one, other, None if one is None else agrees))

    told = told or {}
    says = told.get("verify_says") if told.get("verify") != "silent" else "(nothing)"
    verify = real["verify_says"] if real["verify_says"] is not None else "(nothing)"
    add("verify", says, verify, same_text(says, verify))
    add("listed", told.get("models_listed"), real["listed"], told.get("models_listed") == real["listed"])
    if told.get("models_listed") is not None:
        add("breaks", told.get("breaks_all_lists"), real["breaks"], told.get("breaks_all_lists") == real["breaks"])
    if "chat" in real:
        chat = (told.get("chat"), told.get("chat_says"))
        agrees = chat[0] == real["chat"] and same_text(chat[1], real["chat_says"])
        add("chat", chat if chat[0] else None, (real["chat"], real["chat_says"]), agrees)
    if "by_hand" in real:
        then = told.get("with_model_ids") or {}
        chat = (then.get("chat"), then.get("chat_says"))
        agrees = chat[0] == real["by_hand"] and same_text(chat[1], real["by_hand_says"])
        add("with IDs", chat if chat[0] else None, (real["by_hand"], real["by_hand_says"]), agrees)
    return rows


def cases(settings):
    """Every case as (name, scenario file, what is entered otherwise)."""
    for file in sorted(SCENARIOS.glob("*.toml")):
        scenario = tomllib.loads(file.read_text())
        if not scenario.get("url"):
            continue
        words = scenario.get("args", [])
        after = {word: words[at + 1] for at, word in enumerate(words[:-1])}
        if scenario.get("ipv6"):
            yield file.stem, None, TWO_KINDS
        elif after.get("--for", "open-webui") != "open-webui":
            yield file.stem, None, OTHER_CLIENT
        elif "models" not in after.get("--only", "models"):
            yield file.stem, None, ONE_PART
        else:
            yield file.stem, file, {}
    for name, url in URLS.items():
        yield f"url: {name}", SCENARIOS / "healthy.toml", {"url": url}
    for name, key in KEYS.items():
        yield f"key: {name}", SCENARIOS / "healthy-public-models.toml", {"key": key}
    for name, text in BODIES.items():
        file = settings.scratch / f"{name.replace(' ', '-').replace('/', '-')}.toml"
        file.write_text(text)
        yield f"body: {name}", file, {}


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", required=True)
    parser.add_argument("--ruta", required=True)
    parser.add_argument("--play", required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--all", action="store_true", help="show each fact of each case")
    parser.add_argument("only", nargs="*", help="cases whose name contains one of these")
    settings = parser.parse_args()
    counts = {"agree": 0, "differ": 0, "explained": 0, "not predicted": 0, "skipped": 0}
    facts = {"agree": 0, "differ": 0, "not predicted": 0}
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=60), connector=aiohttp.TCPConnector(force_close=True)
    ) as session:
        webui = OpenWebUI(settings.base, session)
        await webui.start()
        for name, file, change in cases(settings):
            if settings.only and not any(part in name for part in settings.only):
                continue
            if file is None:
                counts["skipped"] += 1
                print(f"skip   {name:34} {change}", flush=True)
                continue
            async with played(settings.play, file) as said:
                cause, told = await predicted(settings.ruta, meets(said, change))
            async with played(settings.play, file) as said:
                real = await seen(webui, meets(said, change), name, settings)
            rows = compare(told, real)
            wrong = [row for row in rows if row[3] is False]
            for row in rows:
                facts["not predicted" if row[3] is None else "agree" if row[3] else "differ"] += 1
            if wrong and name in EXPLAINED:
                word, kind = "known ", "explained"
            elif wrong:
                word, kind = "DIFFER", "differ"
            elif all(row[3] is None for row in rows):
                word, kind = "none  ", "not predicted"
            else:
                word, kind = "agree ", "agree"
            counts[kind] += 1
            shown = real["verify_says"] or "(nothing)"
            chat = real.get("by_hand", real.get("chat", "-"))
            print(f"{word} {name:34} {cause:24} {shown[:44]:44} {'listed' if real['listed'] else 'breaks' if real['breaks'] else '-':7} {chat}", flush=True)
            for what, one, other, agrees in rows:
                if settings.all or agrees is False:
                    mark = {True: "=", False: "!", None: "?"}[agrees]
                    print(f"       {mark} {what:9} ruta: {one!r}\n         {'':9} real: {other!r}", flush=True)
            because = EXPLAINED.get(name) if wrong else UNPREDICTED.get(name) if kind == "not predicted" else None
            if because:
                print(f"         because {because}", flush=True)
        await webui.stop()
    total = sum(counts.values()) - counts["skipped"]
    print(f"\n{total} cases: " + ", ".join(f"{count} {word}" for word, count in counts.items() if count))
    print(f"{sum(facts.values())} facts: " + ", ".join(f"{count} {word}" for word, count in facts.items() if count))
    sys.exit(1 if counts["differ"] else 0)


asyncio.run(main())
