"""Loaded by Python itself before Open WebUI starts: connects names to the servers of a scenario, as the doctor's
--connect-to does, trusts the scenario's certificate authority, as its --cacert does, and has the scenario's proxies in
its environment. Nothing else is changed.
"""

import json
import os
import socket
import ssl
import sys
import urllib.request

_RULES = os.environ.get("OPEN_WEBUI_RULES", "")
_real_lookup = socket.getaddrinfo
_real_wrap = ssl.SSLContext.wrap_bio


def _rules():
    try:
        with open(_RULES, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {"connect": [], "ca": None, "proxies": {}}


def _lookup(host, port, *rest, **named):
    for wanted, wanted_port, to, to_port in _rules()["connect"]:
        if wanted in ("", host) and wanted_port in (0, port):
            return _real_lookup(to or host, to_port or port, *rest, **named)
    if host not in (None, "localhost", "127.0.0.1", "0.0.0.0", "::1"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _real_lookup(host, port, *rest, **named)


def _wrap(self, *rest, **named):
    file = _rules()["ca"]
    if not file:
        return _real_wrap(self, *rest, **named)
    # Each scenario has an authority of its own under one and the same name: one context for each.
    own = ssl.create_default_context()
    own.load_verify_locations(file)
    own.set_alpn_protocols(["http/1.1"])
    return _real_wrap(own, *rest, **named)


def _bypass(host, proxies=None):
    return urllib.request.proxy_bypass_environment(host, _rules()["proxies"])


if _RULES:
    urllib.request.getproxies = lambda: _rules()["proxies"]
    urllib.request.proxy_bypass = _bypass
    # The other event loop looks names up without asking Python.
    sys.modules["uvloop"] = None
    socket.getaddrinfo = _lookup
    ssl.SSLContext.wrap_bio = _wrap
