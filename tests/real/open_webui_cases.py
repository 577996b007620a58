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
    "stream tool call with index": _streamed('data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"no_such_tool","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n').replace("\n[[answer]]", _RESULT, 1),
    "stream tool call without index": _streamed('data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"a","type":"function","function":{"name":"no_such_tool","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n'),
    "stream cut": _streamed(f"data: {{{_SAID}}}\n\ndata: {{{_SAID}}}\n\n{_DONE}", "half-body"),
    "stream cut before text": _streamed('data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n' * 2, "half-body"),
    "stream reset": _streamed(f"data: {{{_SAID}}}\n\ndata: {{{_SAID}}}\n\n{_DONE}", "reset-body"),
    "stream stalls": _streamed(f"data: {{{_SAID}}}\n\ndata: {{{_SAID}}}\n\n{_DONE}", "stall-body").replace('model = "gpt-5.5"', 'model = "gpt-5.5"\nargs = ["--timeout", "2"]'),
    "chat cut": _chat(200, _JSON, '{"choices":[{"message":{"content":"pong"}}]}', "half-body"),
}
