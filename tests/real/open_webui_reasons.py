"""Why some scenarios are not compared by open_webui.py, predict nothing, or differ from the real program."""

# Why a scenario cannot be played to Open WebUI, or need not.
TWO_KINDS = "its library chooses among addresses in its own way"
OTHER_CLIENT = "the doctor is asked about another client"
ONE_PART = "the doctor is told to look at something else"
# Differences that are known, each with its reason.
EXPLAINED = {
    "connect-unreachable": "an address in a URL cannot be connected elsewhere here, so Open WebUI reaches the server",
    "healthy-no-proxy": "Python's NO_PROXY knows names and addresses, but no networks such as 127.0.0.0/8",
    "healthy-proxy-ignored": "its library refuses a proxy with an unknown scheme, and asks nobody then",
    "healthy-kept-connection-dies": "the first chat is dropped on any connection; Open WebUI does not send it again",
    "healthy-after-loading": "the doctor is told to wait until the model is loaded; Open WebUI asks while it loads",
    "response-malformed-chunk": "an error or no end, as the damaged chunk is read together with the head or after it",
    "models-slow": "the list takes 10.5 s, and its 10 s are rounded up to a whole second of its clock: chance decides",
}
# Why nothing is predicted.
NO_SOCKS = "its library speaks HTTP to a SOCKS proxy, or passes it by; what comes of that was not seen"
KEPT_BACK = "the key is not sent to a provider that it does not belong to"
NO_API = "nothing is sent to a host that serves no API, or that somebody else may own"
UNPREDICTED = {
    "healthy-through-socks": NO_SOCKS,
    "key-wrong-provider-groq": KEPT_BACK,
    "key-wrong-provider-openai": KEPT_BACK,
    "proxy-is-no-socks": NO_SOCKS,
    "proxy-socks-forbids": NO_SOCKS,
    "proxy-socks-login": NO_SOCKS,
    "proxy-socks-refused": NO_SOCKS,
    "proxy-socks-target-refused": NO_SOCKS,
    "proxy-socks-wrong-login": NO_SOCKS,
    "rutaapi-dashboard": NO_API,
    "rutaapi-key-of-another-provider": KEPT_BACK,
    "rutaapi-website": NO_API,
    "url-placeholder-resource": NO_API,
}
