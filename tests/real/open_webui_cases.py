"""What is entered and what servers answer in the cases of open_webui.py that are no scenarios of the project."""

# How the URL of a healthy server is mistyped.
URLS = {
    "slash at the end": lambda url: url + "/",
    "two slashes at the end": lambda url: url + "//",
    "no /v1": lambda url: url.removesuffix("/v1"),
    "chat endpoint": lambda url: url + "/chat/completions",
    "models endpoint": lambda url: url + "/models",
    "/v1 twice": lambda url: url + "/v1",
    "space before": lambda url: " " + url,
    "space after": lambda url: url + " ",
    "slash and space after": lambda url: url + "/ ",
    "tab after": lambda url: url + "\t",
    "line break after": lambda url: url + "\n",
    "upper-case scheme": lambda url: url.replace("http://", "HTTP://"),
    "dots in the path": lambda url: url.replace("/v1", "/x/../v1"),
    "encoded path": lambda url: url.replace("/v1", "/%76%31"),
    "zero-width space": lambda url: url + "\u200b",
    "0.0.0.0": lambda url: url.replace("127.0.0.1", "0.0.0.0"),
    "localhost": lambda url: url.replace("127.0.0.1", "localhost"),
    "quotes": lambda url: f'"{url}"',
    "no scheme": lambda url: url.removeprefix("http://"),
    "no scheme, localhost": lambda url: url.removeprefix("http://").replace("127.0.0.1", "localhost"),
    "ftp": lambda url: url.replace("http://", "ftp://"),
    "ws": lambda url: url.replace("http://", "ws://"),
    "one slash": lambda url: url.replace("http://", "http:/"),
    "three slashes": lambda url: url.replace("http://", "http:///"),
    "backslashes": lambda url: url.replace("http://", "http:\\\\"),
    "backslash in the path": lambda url: url.replace("/v1", "\\v1"),
    "placeholder host": lambda url: "https://{region}.api.example/v1",
    "angle brackets": lambda url: "https://<your-resource>.example/v1",
    "query": lambda url: url + "?x=1",
    "fragment": lambda url: url + "#a",
    "credentials": lambda url: url.replace("://", "://me:pw@"),
    "https on http": lambda url: url.replace("http://", "https://"),
    "unknown host": lambda url: "http://no-such-host.invalid/v1",
    "bad port": lambda url: "http://127.0.0.1:99999/v1",
    "two URLs": lambda url: f"{url};{url}",
    "full-width colon": lambda url: url.replace("http:", "http："),
}

# What is entered as the key; the list of models needs none.
KEYS = {
    "none": "",
    "space after": "sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM ",
    "space before": " sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM",
    "Bearer": "Bearer sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM",
    "quotes": '"sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM"',
    "line break": "sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM\n",
    "line break inside": "sk-live-KGpOyQNcdOy\nZbkBFTFoOxtzHq8STZHE6svi34zWH8xM",
    "tab inside": "sk-live-KGpOyQNcdOy\tZbkBFTFoOxtzHq8STZHE6svi34zWH8xM",
    "bell": "sk-live-KGpOyQNcdOy\x07ZbkBFTFoOxtzHq8STZHE6svi34zWH8xM",
    "curly quotes": "“sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM”",
    "zero-width space": "sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM\u200b",
    "wrong": "sk-live-somebodyelses0000000000000000000000000000000",
}

_HEAD = """title = "a case"
cause = "unexplained"
outcome = "broken"
exit = 1
url = "{server}/v1"
key = "sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM"
model = "gpt-5.5"
"""
_LIST = '{"object":"list","data":[{"id":"gpt-5.5","object":"model","owned_by":"us"}]}'
_JSON = "application/json"


def _answer(path, status, kind, body, fault=None):
    import json

    quoted = json.dumps(body, ensure_ascii=True)
    kind = f'headers = {{ "content-type" = {json.dumps(kind)} }}\n' if kind else ""
    fault = f'fault = "{fault}"\n' if fault else ""
    return f'\n[[answer]]\npath = "/v1{path}"\nstatus = {status}\n{kind}{fault}body = {quoted}\n'


def _list(status, kind, body):
    chat = '\n[[answer]]\npath = "/v1/chat/completions"\nuse = "chat-or-stream"\n'
    return _HEAD + _answer("/models", status, kind, body) + chat


def _chat(status, kind, body, fault=None):
    return _HEAD + _answer("/models", 200, _JSON, _LIST) + _answer("/chat/completions", status, kind, body, fault)


def _streamed(body, fault=None):
    """A server whose plain chat is healthy and whose stream is this."""
    stream = _answer("/chat/completions", 200, "text/event-stream", body, fault)
    stream = stream.replace("status =", "body_has = ['\"stream\":true']\nstatus =")
    plain = '\n[[answer]]\npath = "/v1/chat/completions"\nuse = "chat"\n'
    return _HEAD + _answer("/models", 200, _JSON, _LIST) + stream + plain


def _whole(body, kind=_JSON):
    """A server that answers a streamed request with this, in one piece."""
    return _streamed(body).replace("text/event-stream", kind)


def _of(host, text, root="/v1", model="gpt-5.5"):
    """The same at the host of a provider that Open WebUI treats in its own way."""
    text = text.replace('url = "{server}/v1"\n', f'url = "https://{host}{root}"\nhost = "{host}"\ntls = "good"\n')
    return text.replace('model = "gpt-5.5"', f'model = "{model}"')


def _anthropic(status, kind, body):
    return _of("api.anthropic.com", _list(status, kind, body))


def _azure(status, kind, body, model="gpt-5.5"):
    """An Azure resource whose deployments answer this, and whose list is healthy."""
    path = "/openai/deployments/gpt-5.5/chat/completions"
    chat = _answer("/chat/completions", status, kind, body).replace("/v1/chat/completions", path)
    list_of = _answer("/models", 200, _JSON, _LIST).replace("/v1/models", "/openai/models")
    return _of("contoso-lab.openai.azure.com", _HEAD + list_of + chat, "", model)


# A call that was carried out is answered with text.
_RESULT = """
[[answer]]
path = "/v1/chat/completions"
body_has = ['"role":"tool"']
use = "stream"

[[answer]]"""
_SAID = '"choices":[{"index":0,"delta":{"content":"pong"},"finish_reason":null}]'
_DONE = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

BODIES = {
    # The button.
    "verify 201 object": _list(201, _JSON, "{}"),
    "verify 201 text": _list(201, "text/plain", "created"),
    "verify 201 text of JSON": _list(201, "text/plain", '{"a":1}'),
    "verify 202 null": _list(202, _JSON, "null"),
    "verify 200 null": _list(200, _JSON, "null"),
    "verify 200 empty": _list(200, _JSON, ""),
    "verify 200 empty text": _list(200, "text/plain", ""),
    "verify 200 blank text": _list(200, "text/plain", "  \n"),
    "verify 200 false": _list(200, _JSON, "false"),
    "verify 200 zero": _list(200, _JSON, "0"),
    "verify 200 empty object": _list(200, _JSON, "{}"),
    "verify 200 empty text in JSON": _list(200, _JSON, '""'),
    "verify 200 broken JSON": _list(200, _JSON, '{"data":['),
    "verify 204": _list(204, None, ""),
    "verify 300 without location": _list(300, _JSON, '{"error":{"message":"choose one"}}'),
    "verify 302 without location": _list(302, _JSON, '{"error":{"message":"elsewhere"}}'),
    "verify 401 error object": _list(401, _JSON, '{"error":{"message":"no such key"}}'),
    "verify 401 error object as text": _list(401, "text/plain", '{"error":{"message":"no such key"}}'),
    "verify 401 error text": _list(401, _JSON, '{"error":"no such key"}'),
    "verify 401 detail": _list(401, _JSON, '{"detail":"no such key"}'),
    "verify 401 message": _list(401, _JSON, '{"message":"no such key"}'),
    "verify 401 list": _list(401, _JSON, '[{"error":{"message":"no such key"}}]'),
    "verify 401 null message": _list(401, _JSON, '{"error":{"message":null}}'),
    "verify 401 empty message": _list(401, _JSON, '{"error":{"message":""}}'),
    "verify 401 number message": _list(401, _JSON, '{"error":{"message":7}}'),
    "verify 401 object message": _list(401, _JSON, '{"error":{"message":{"text":"no"}}}'),
    "verify 401 text in JSON": _list(401, _JSON, '"no such key"'),
    "verify 401 number": _list(401, _JSON, "5"),
    "verify 401 null": _list(401, _JSON, "null"),
    "verify 401 page": _list(401, "text/html", "<html><title>Log in</title></html>"),
    "verify 401 empty": _list(401, _JSON, ""),
    "verify 500 list of models": _list(500, _JSON, _LIST),
    "verify 304": _list(304, _JSON, ""),
    "verify 599": _list(599, _JSON, '{"error":{"message":"odd"}}'),
    "verify 600": _list(600, _JSON, '{"error":{"message":"odd"}}'),
    "verify 200 NaN": _list(200, _JSON, '{"data":[],"x":NaN}'),
    "verify 401 NaN": _list(401, _JSON, '{"error":{"message":"no such key","x":NaN}}'),
    "verify 401 list message": _list(401, _JSON, '{"error":{"message":["a",1.0,null]}}'),
    "verify 401 true message": _list(401, _JSON, '{"error":{"message":true}}'),
    "verify 401 error list": _list(401, _JSON, '{"error":[{"message":"no such key"}]}'),
    "verify 401 detail beside error": _list(401, _JSON, '{"detail":"x","error":{"message":"no such key"}}'),
    "verify 401 lines": _list(401, _JSON, '{"error":{"message":"no\\n such\\tkey"}}'),
    "verify 401 long": _list(401, _JSON, '{"error":{"message":"' + "long " * 100 + '"}}'),
    "verify 401 page as JSON": _list(401, _JSON, "<html>Log in</html>"),
    "verify 401 JSON as page": _list(401, "text/html", '{"error":{"message":"no such key"}}'),
    "verify 401 problem": _list(401, "application/problem+json", '{"error":{"message":"no such key"}}'),
    "verify 401 byte order mark": _list(401, _JSON, '\ufeff{"error":{"message":"no such key"}}'),
    "verify 401 events": _list(401, "text/event-stream", 'data: {"error":{"message":"no such key"}}\n\n'),
    "verify long header": _list(200, _JSON, _LIST).replace('"content-type"', '"x-policy" = "' + "a" * 9000 + '", "content-type"'),
    # The menu.
    "menu bare list": _list(200, _JSON, '[{"id":"gpt-5.5"}]'),
    "menu status 401": _list(401, _JSON, _LIST),
    "menu vendor type": _list(200, "application/vnd.api+json", _LIST),
    "menu type with charset": _list(200, "Application/JSON; charset=utf-8", _LIST),
    "menu text type": _list(200, "text/plain", _LIST),
    "menu text/json": _list(200, "text/json", _LIST),
    "menu jsonl type": _list(200, "application/jsonl", _LIST),
    "menu ndjson type": _list(200, "application/x-ndjson", _LIST),
    "menu byte order mark": _list(200, _JSON, "\ufeff" + _LIST),
    "menu null data": _list(200, _JSON, '{"object":"list","data":null}'),
    "menu empty data": _list(200, _JSON, '{"object":"list","data":[]}'),
    "menu empty list": _list(200, _JSON, "[]"),
    "menu called models": _list(200, _JSON, '{"models":[{"name":"gpt-5.5"}]}'),
    "menu error with 200": _list(200, _JSON, '{"error":{"message":"no"}}'),
    "menu error beside data": _list(200, _JSON, '{"error":{"message":"no"},"data":[{"id":"gpt-5.5"}]}'),
    "menu list of texts": _list(200, _JSON, '["gpt-5.5"]'),
    "menu data of texts": _list(200, _JSON, '{"data":["gpt-5.5"]}'),
    "menu data of numbers": _list(200, _JSON, '{"data":[5]}'),
    "menu data of nulls": _list(200, _JSON, '{"data":[null]}'),
    "menu data of lists": _list(200, _JSON, '{"data":[["gpt-5.5"]]}'),
    "menu data is an object": _list(200, _JSON, '{"data":{"gpt-5.5":{}}}'),
    "menu data is an empty object": _list(200, _JSON, '{"data":{}}'),
    "menu data is an error": _list(200, _JSON, '{"data":{"error":"no"}}'),
    "menu data is a text": _list(200, _JSON, '{"data":"gpt-5.5"}'),
    "menu data is an empty text": _list(200, _JSON, '{"data":""}'),
    "menu data is a text about an error": _list(200, _JSON, '{"data":"an error"}'),
    "menu data is a number": _list(200, _JSON, '{"data":5}'),
    "menu data is false": _list(200, _JSON, '{"data":false}'),
    "menu a text": _list(200, _JSON, '"gpt-5.5"'),
    "menu a number": _list(200, _JSON, "5"),
    "menu true": _list(200, _JSON, "true"),
    "menu zero": _list(200, _JSON, "0"),
    "menu names without ids": _list(200, _JSON, '{"data":[{"name":"gpt-5.5"}]}'),
    "menu null ids with names": _list(200, _JSON, '{"data":[{"id":null,"name":"gpt-5.5"}]}'),
    "menu empty ids with names": _list(200, _JSON, '{"data":[{"id":"","name":"gpt-5.5"}]}'),
    "menu null ids": _list(200, _JSON, '{"data":[{"id":null}]}'),
    "menu empty entries": _list(200, _JSON, '{"data":[{}]}'),
    "menu one bad entry": _list(200, _JSON, '{"data":[{"id":"gpt-5.5"},{}]}'),
    "menu one name without id": _list(200, _JSON, '{"data":[{"id":"gpt-5.5"},{"name":"x"}]}'),
    "menu numbers as ids": _list(200, _JSON, '{"data":[{"id":5}]}'),
    "menu lists as ids": _list(200, _JSON, '{"data":[{"id":["a"]}]}'),
    "menu objects as ids": _list(200, _JSON, '{"data":[{"id":{"a":1}}]}'),
    "menu null names": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","name":null}]}'),
    "menu duplicates": _list(200, _JSON, '{"data":[{"id":"gpt-5.5"},{"id":"gpt-5.5"}]}'),
    "menu without the model": _list(200, _JSON, '{"data":[{"id":"other"}]}'),
    "menu space in the id": _list(200, _JSON, '{"data":[{"id":" gpt-5.5"}]}'),
    "menu other case": _list(200, _JSON, '{"data":[{"id":"GPT-5.5"}]}'),
    "menu number as name": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","name":5}]}'),
    "menu list in a list": _list(200, _JSON, '[[{"id":"gpt-5.5"}]]'),
    "menu data in data": _list(200, _JSON, '{"data":{"data":[{"id":"gpt-5.5"}]}}'),
    "menu success": _list(200, _JSON, '{"success":true,"data":[{"id":"gpt-5.5"}]}'),
    "menu NaN": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","price":NaN}]}'),
    "menu comma at the end": _list(200, _JSON, '{"data":[{"id":"gpt-5.5"},]}'),
    "menu text behind": _list(200, _JSON, _LIST + "\nok"),
    "menu unknown charset": _list(200, "application/json; charset=nonsense", _LIST),
    "menu problem type": _list(200, "application/problem+json", _LIST),
    "menu no type": _list(200, "", _LIST),
    "menu texts as tags": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","tags":["a","b"]}]}'),
    "menu pipe": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","pipe":{"type":"pipe"}}]}'),
    "menu null info": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","info":null}]}'),
    "menu text as meta": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","info":{"meta":"x"}}]}'),
    "menu ollama object": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","ollama":{"a":1}}]}'),
    "menu ollama true": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","ollama":true}]}'),
    "menu null action ids": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","action_ids":null}]}'),
    "menu arena": _list(200, _JSON, '{"data":[{"id":"gpt-5.5","arena":true,"owned_by":"arena"}]}'),
    "menu embedding models": _list(200, _JSON, '{"data":[{"id":"text-embedding-3"},{"id":"gpt-5.5"}]}'),
    # An error status of a chat.
    "chat 429 error object": _chat(429, _JSON, '{"error":{"message":"slow down","code":"x"}}'),
    "chat 400 error text": _chat(400, _JSON, '{"error":"not so"}'),
    "chat 400 detail": _chat(400, _JSON, '{"detail":"not so"}'),
    "chat 422 detail list": _chat(422, _JSON, '{"detail":[{"loc":["body","model"],"msg":"Field required","input":null}]}'),
    "chat 400 message": _chat(400, _JSON, '{"message":"not so"}'),
    "chat 400 code and msg": _chat(400, _JSON, '{"msg":"it\'s \\"wrong\\"","code":1001,"ok":false,"at":null,"f":1.5}'),
    "chat 400 error without message": _chat(400, _JSON, '{"error":{"type":"bad","code":7}}'),
    "chat 400 null error": _chat(400, _JSON, '{"error":null,"message":"not so"}'),
    "chat 400 list": _chat(400, _JSON, '[{"error":{"code":400,"message":"not so","status":"INVALID"}}]'),
    "chat 400 text": _chat(400, "text/plain", "not so\n"),
    "chat 400 JSON as text": _chat(400, "text/plain", '{"error":{"message":"not so"}}'),
    "chat 404 page": _chat(404, "text/html", "<html>\n<title>Not here</title>\n</html>"),
    "chat 502 empty": _chat(502, _JSON, ""),
    "chat 502 empty text": _chat(502, "text/plain", ""),
    "chat 500 null": _chat(500, _JSON, "null"),
    "chat 500 number": _chat(500, _JSON, "5"),
    "chat 500 text in JSON": _chat(500, _JSON, '"not so"'),
    "chat 500 nested": _chat(500, _JSON, '{"error":{"message":{"detail":"deep"}}}'),
    "chat 500 JSON in a message": _chat(500, _JSON, '{"error":{"message":"{\\"detail\\":\\"in\\"}"}}'),
    "chat 400 as events": _chat(400, "text/event-stream", '{"error":{"message":"not so"}}'),
    "chat 400 text as events": _chat(400, "text/event-stream", 'data: {"error":{"message":"not so"}}\n\n'),
    "chat 400 empty as events": _chat(400, "text/event-stream", ""),
    "chat 403 null message": _chat(403, _JSON, '{"error":{"message":null,"code":"x"}}'),
    "chat 403 empty message": _chat(403, _JSON, '{"error":{"message":""}}'),
    "chat 403 empty error": _chat(403, _JSON, '{"error":{}}'),
    "chat 403 empty object": _chat(403, _JSON, "{}"),
    "chat 403 true error": _chat(403, _JSON, '{"error":true,"message":"x"}'),
    "chat 403 list of messages": _chat(403, _JSON, '{"message":["a","b"]}'),
    "chat 403 message beside error": _chat(403, _JSON, '{"message":"outer","error":{"message":"inner"}}'),
    "chat 403 problem": _chat(403, "application/problem+json", '{"title":"No","status":403,"detail":"not you"}'),
    "chat 403 title only": _chat(403, "application/problem+json", '{"title":"No","status":403}'),
    "chat 403 no type": _chat(403, "", '{"error":{"message":"not you"}}'),
    "chat 401 status in the body": _chat(401, _JSON, '{"base_resp":{"status_code":1004,"status_msg":"not you"}}'),
    "chat 422 message object": _chat(422, _JSON, '{"message":{"detail":[{"loc":["body","x"],"input":32000}]}}'),
    "chat 400 fractions": _chat(400, _JSON, '{"a":1.0,"b":1e20,"c":1e16,"d":1.5e-7,"e":0.0001,"f":1E5,"g":0.00001}'),
    "chat 400 signs": _chat(400, _JSON, '{"a":"\\u0007\\u200b\\u00a0\\u007f\\u3000","b":"\'","c":"\\"","d":"\'\\"","e":"\\\\"}'),
    "chat 400 NaN": _chat(400, _JSON, '{"error":"not so","x":NaN}'),
    "chat 400 half a character": _chat(400, _JSON, '{"error":"not \\ud83d"}'),
    "chat 400 two lines": _chat(400, _JSON, '{"error":"a"}\n{"error":"b"}'),
    "chat 400 text list": _chat(400, "text/plain", '["a"]'),
    "chat 400 true": _chat(400, _JSON, "true"),
    "chat 600": _chat(600, _JSON, '{"error":{"message":"odd"}}'),
    "chat 304": _chat(304, _JSON, ""),
    "chat 204": _chat(204, _JSON, ""),
    "chat 302 without location": _chat(302, _JSON, '{"error":{"message":"elsewhere"}}'),
    # An answer in one piece to a request that asks for a stream.
    "whole completion": _whole('{"choices":[{"message":{"role":"assistant","content":"pong"},"finish_reason":"stop"}]}'),
    "whole completion as text": _whole('{"choices":[{"message":{"content":"pong"}}]}', "text/plain"),
    "whole completion, error null": _whole('{"error":null,"choices":[{"message":{"content":"pong"}}]}'),
    "whole empty content": _whole('{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}'),
    "whole null content": _whole('{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}'),
    "whole only thinking": _whole('{"choices":[{"message":{"content":"","reasoning_content":"hm"},"finish_reason":"stop"}]}'),
    "whole only tool calls": _whole('{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"x","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}'),
    "whole no choices": _whole('{"id":"x","object":"chat.completion"}'),
    "whole empty choices": _whole('{"choices":[]}'),
    "whole error object": _whole('{"error":{"message":"no credits","code":7}}'),
    "whole error detail": _whole('{"error":{"detail":"no credits"}}'),
    "whole error text": _whole('{"error":"no credits"}'),
    "whole error number": _whole('{"error":7}'),
    "whole page": _whole("<html>Log in</html>", "text/html"),
    "whole text": _whole("pong", "text/plain"),
    "whole empty": _whole(""),
    "whole list": _whole('[{"choices":[{"message":{"content":"pong"}}]}]'),
    "whole text parts": _whole('{"choices":[{"message":{"content":[{"type":"text","text":"pong"}]}}]}'),
    "whole error beside an answer": _whole('{"error":{"message":"no"},"choices":[{"message":{"content":"pong"}}]}'),
    "whole empty error": _whole('{"error":{}}'),
    "whole error of nothing": _whole('{"error":""}'),
    "whole list of an error": _whole('[{"error":{"message":"no"}}]'),
    "whole message": _whole('{"object":"error","message":"no","code":40303}'),
    "whole status in the body": _whole('{"base_resp":{"status_code":1004,"status_msg":"no"}}'),
    "whole delta": _whole('{"choices":[{"delta":{"content":"pong"}}]}'),
    "whole text of a choice": _whole('{"choices":[{"text":"pong"}]}'),
    "whole null message": _whole('{"choices":[{"message":null}]}'),
    "whole null choice": _whole('{"choices":[null]}'),
    "whole blank content": _whole('{"choices":[{"message":{"content":" "}}]}'),
    "whole refusal": _whole('{"choices":[{"message":{"content":null,"refusal":"no"}}]}'),
    "whole of Anthropic": _whole('{"type":"message","role":"assistant","content":[{"type":"text","text":"pong"}]}'),
    "whole of Ollama": _whole('{"model":"x","message":{"role":"assistant","content":"pong"},"done":true}'),
    "whole output": _whole('{"output":[{"type":"message","content":[{"type":"output_text","text":"pong"}]}]}'),
    "whole NaN": _whole('{"choices":[{"message":{"content":"pong"},"x":NaN}]}'),
    "whole half a character": _whole('{"choices":[{"message":{"content":"pong \\ud83d"}}]}'),
    "whole no type": _whole('{"choices":[{"message":{"content":"pong"}}]}', ""),
    "whole vendor type": _whole('{"choices":[{"message":{"content":"pong"}}]}', "application/vnd.api+json"),
    "events in capitals": _whole(f"data: {{{_SAID}}}\n\n{_DONE}", "Text/Event-Stream"),
    "events as lines": _whole(f"data: {{{_SAID}}}\n\n{_DONE}", "application/x-ndjson"),
    "events as JSON": _whole(f"data: {{{_SAID}}}\n\n{_DONE}"),
    # A stream.
    "stream without space": _streamed(f"data:{{{_SAID}}}\n\n{_DONE}"),
    "stream CRLF": _streamed(f"data: {{{_SAID}}}\r\n\r\n{_DONE}"),
    "stream comments": _streamed(f": ping\n\ndata: {{{_SAID}}}\n\n{_DONE}"),
    "stream null choices": _streamed(f'data: {{"choices":null}}\n\ndata: {{{_SAID}}}\n\n{_DONE}'),
    "stream no end mark": _streamed(f"data: {{{_SAID}}}\n\n"),
    "stream garbage": _streamed(f"data: {{nonsense\n\nnoise\n\ndata: {{{_SAID}}}\n\n{_DONE}"),
    "stream empty": _streamed(""),
    "stream only end mark": _streamed("data: [DONE]\n\n"),
    "stream blank content": _streamed('data: {"choices":[{"index":0,"delta":{"content":"  "}}]}\n\n' + _DONE),
    "stream only thinking": _streamed('data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}\n\n' + _DONE),
    "stream message instead of delta": _streamed('data: {"choices":[{"index":0,"message":{"content":"pong"}}]}\n\ndata: [DONE]\n\n'),
    "stream null delta": _streamed('data: {"choices":[{"index":0,"delta":null}]}\n\n' + _DONE),
    "stream error event": _streamed('data: {"error":{"message":"no credits","code":7}}\n\n'),
    "stream error text": _streamed('data: {"error":"no credits"}\n\n'),
    "stream error number": _streamed('data: {"error":7}\n\n'),
    "stream error without words": _streamed('data: {"error":{"code":7}}\n\n'),
    "stream error line": _streamed('{"error":{"message":"no credits"}}\n'),
    "stream error after text": _streamed(f'data: {{{_SAID}}}\n\ndata: {{"error":{{"message":"cut"}}}}\n\n'),
    "stream error beside empty delta": _streamed('data: {"error":{"message":"cut"},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}\n\n'),
    "stream error beside delta": _streamed('data: {"error":{"message":"cut"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\n'),
    "stream error beside text": _streamed('data: {"error":{"message":"cut"},"choices":[{"index":0,"delta":{"content":"po"}}]}\n\n' + _DONE),
    "stream error of Anthropic": _streamed('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n'),
    "stream error with message only": _streamed('data: {"message":"no credits","code":7}\n\n'),
    "stream two errors": _streamed('data: {"error":{"message":"first"}}\n\ndata: {"error":{"message":"second"}}\n\n'),
    "stream responses": _streamed('data: {"type":"response.output_text.delta","item_id":"a","output_index":0,"content_index":0,"delta":"pong"}\n\ndata: {"type":"response.completed","response":{"output":[]}}\n\n'),
    "stream null type": _streamed(f'data: {{"type":null,{_SAID}}}\n\n{_DONE}'),
    "stream whole completion": _streamed('{"choices":[{"message":{"content":"pong"}}]}'),
    "stream page": _streamed("<html>Log in</html>"),
    "stream error on lines": _streamed('{\n  "error": {\n    "message": "no"\n  }\n}\n'),
    "stream error without an end": _streamed('{"error":{"message":"no"}}'),
    "stream error text of an event": _streamed("event: error\ndata: no credits\n\n"),
    "stream error beside no choices": _streamed('data: {"error":{"message":"no"},"choices":[]}\n\n'),
    "stream error inside": _streamed('data: {"error":{"error":{"message":"deep"}}}\n\n'),
    "stream error detail": _streamed('data: {"error":{"detail":"deep"}}\n\n'),
    "stream error in a choice": _streamed('data: {"choices":[{"index":0,"delta":{"content":""},"error":{"message":"no"}}]}\n\n'),
    "stream error of responses": _streamed('data: {"type":"error","code":"x","message":"no"}\n\n'),
    "stream failed response": _streamed('data: {"type":"response.failed","response":{"error":{"message":"no"}}}\n\n'),
    "stream detail": _streamed('data: {"detail":"no"}\n\n'),
    "stream text after the end mark": _streamed(f"data: [DONE]\n\ndata: {{{_SAID}}}\n\n"),
    "stream no blank lines": _streamed(f"data: {{{_SAID}}}\ndata: [DONE]\n"),
    "stream data in capitals": _streamed(f"DATA: {{{_SAID}}}\n\n{_DONE}"),
    "stream split event": _streamed('data: {"choices":[{"index":0,\ndata: "delta":{"content":"pong"}}]}\n\n' + _DONE),
    "stream parts": _streamed('data: {"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"pong"}]}}]}\n\n' + _DONE),
    "stream refusal": _streamed('data: {"choices":[{"index":0,"delta":{"content":null,"refusal":"no"}}]}\n\n' + _DONE),
    "stream blank thinking": _streamed('data: {"choices":[{"index":0,"delta":{"reasoning_content":" "}}]}\n\n' + _DONE),
    "stream thinking in tags": _streamed('data: {"choices":[{"index":0,"delta":{"content":"<think>hm</think>"}}]}\n\n' + _DONE),
    "stream text of a choice": _streamed('data: {"choices":[{"index":0,"text":"pong"}]}\n\n' + _DONE),
    "stream second choice": _streamed('data: {"choices":[{"index":0,"delta":{}},{"index":1,"delta":{"content":"pong"}}]}\n\n' + _DONE),
    "stream number as usage": _streamed(f'data: {{"usage":5,{_SAID}}}\n\n{_DONE}'),
    "stream null usage": _streamed(f'data: {{"usage":null,{_SAID}}}\n\n{_DONE}'),
    "stream null timings": _streamed(f'data: {{"timings":null,{_SAID}}}\n\n{_DONE}'),
    "stream NaN": _streamed(f'data: {{"x":NaN,{_SAID}}}\n\n{_DONE}'),
    "stream of Anthropic": _streamed('event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"pong"}}\n\n'),
    "stream of Ollama": _streamed('{"model":"x","message":{"role":"assistant","content":"pong"},"done":false}\n'),
    "stream function call": _streamed('data: {"choices":[{"index":0,"delta":{"function_call":{"name":"x","arguments":"{}"}}}]}\n\n' + _DONE),
    "stream tool call with index": _streamed('data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"no_such_tool","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n').replace("\n[[answer]]", _RESULT, 1),
    "stream tool call without index": _streamed('data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"a","type":"function","function":{"name":"no_such_tool","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n'),
    "stream cut": _streamed(f"data: {{{_SAID}}}\n\ndata: {{{_SAID}}}\n\n{_DONE}", "half-body"),
    "stream cut before text": _streamed('data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n' * 2, "half-body"),
    "stream reset": _streamed(f"data: {{{_SAID}}}\n\ndata: {{{_SAID}}}\n\n{_DONE}", "reset-body"),
    "stream stalls": _streamed(f"data: {{{_SAID}}}\n\ndata: {{{_SAID}}}\n\n{_DONE}", "stall-body").replace('model = "gpt-5.5"', 'model = "gpt-5.5"\nargs = ["--timeout", "2"]'),
    "chat cut": _chat(200, _JSON, '{"choices":[{"message":{"content":"pong"}}]}', "half-body"),
    # Providers that it treats in their own way.
    "anthropic list": _anthropic(200, _JSON, '{"data":[{"id":"gpt-5.5","display_name":"GPT"}],"has_more":false}'),
    "anthropic null name": _anthropic(200, _JSON, '{"data":[{"id":"gpt-5.5","display_name":null}]}'),
    "anthropic no data": _anthropic(200, _JSON, '{"object":"list"}'),
    "anthropic null data": _anthropic(200, _JSON, '{"data":null}'),
    "anthropic empty data": _anthropic(200, _JSON, '{"data":[]}'),
    "anthropic texts": _anthropic(200, _JSON, '{"data":["gpt-5.5"]}'),
    "anthropic bare list": _anthropic(200, _JSON, '[{"id":"gpt-5.5"}]'),
    "anthropic object": _anthropic(200, _JSON, '{"data":{"gpt-5.5":{}}}'),
    "anthropic page": _anthropic(200, "text/html", "<html>Log in</html>"),
    "anthropic 201": _anthropic(201, _JSON, _LIST),
    "anthropic 401": _anthropic(401, _JSON, '{"type":"error","error":{"message":"invalid x-api-key"}}'),
    "anthropic 401 list": _anthropic(401, _JSON, _LIST),
    "azure whole completion": _azure(200, _JSON, '{"choices":[{"message":{"content":"pong"}}]}'),
    "azure 404": _azure(404, _JSON, '{"error":{"code":"DeploymentNotFound","message":"no such deployment"}}'),
    "azure slash in the model": _azure(200, _JSON, "{}", "azureml://gpt-5.5"),
    "azure dots in the model": _azure(200, _JSON, "{}", "gpt..5"),
    "azure blank in the model": _azure(404, _JSON, '{"error":{"message":"no such deployment"}}', "gpt 5.5"),
    "azure colon in the model": _azure(404, _JSON, '{"error":{"message":"no such deployment"}}', "gpt:5.5"),
    "openai hidden": _of("api.openai.com", _list(200, _JSON, _LIST), model="whisper-1"),
    "openai hidden in the list": _of("api.openai.com", _list(200, _JSON, '{"data":[{"id":"tts-1"}]}'), model="tts-1"),
    "openai number as id": _of("api.openai.com", _list(200, _JSON, '{"data":[{"id":5}]}')),
}
