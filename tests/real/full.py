"""A server that can do everything and says what is wrong with a request, for tests/real/full.sh."""

import asyncio
import io
import json
import wave

from fastapi import FastAPI, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response, StreamingResponse

app = FastAPI()
DELAY = 0.3
MODELS = ["mock-chat", "text-embedding-3-small", "tts-1", "whisper-1", "gpt-image-1-mini"]


def completion(message, reason="stop"):
    choice = {"index": 0, "message": message, "finish_reason": reason}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "mock-chat", "choices": [choice], "usage": usage}


def chunk(delta, reason=None):
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return f"data: {json.dumps({'id': 'c', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'mock-chat', 'choices': [choice]})}\n\n"


def refused(words):
    return JSONResponse({"error": {"message": words, "type": "invalid_request_error"}}, 400)


@app.middleware("http")
async def log(request, call_next):
    print(json.dumps({"connection": request.client[1], "version": request.scope["http_version"], "path": request.url.path}), flush=True)
    return await call_next(request)


@app.get("/v1/models")
async def models():
    return {"object": "list", "data": [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in MODELS]}


@app.post("/v1/chat/completions")
async def chat(request: Request):
    asked = await request.json()
    await asyncio.sleep(DELAY)
    if asked.get("stream"):
        events = [chunk({"role": "assistant", "content": "OK"}), chunk({}, "stop"), "data: [DONE]\n\n"]
        return StreamingResponse(iter(events), media_type="text/event-stream")
    if isinstance(asked.get("tool_choice"), dict):
        call = {"id": "call_1", "type": "function", "function": {"name": asked["tool_choice"]["function"]["name"], "arguments": "{}"}}
        return completion({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls")
    results = [message for message in asked["messages"] if message["role"] == "tool"]
    if any(result["tool_call_id"] != "call_1" for result in results):
        return refused("this call is not known")
    if "response_format" in asked:
        return completion({"role": "assistant", "content": '{"ok": true}'})
    return completion({"role": "assistant", "content": "OK"})


@app.post("/v1/embeddings")
async def embeddings(request: Request):
    await request.json()
    await asyncio.sleep(DELAY)
    row = {"object": "embedding", "index": 0, "embedding": [0.5] * 1536}
    return {"object": "list", "model": "text-embedding-3-small", "data": [row], "usage": {"prompt_tokens": 1, "total_tokens": 1}}


@app.post("/v1/audio/speech")
async def speech(request: Request):
    asked = await request.json()
    await asyncio.sleep(DELAY)
    if not (asked.get("voice") and asked.get("input")):
        return refused("voice and input are needed")
    return Response(b"ID3\x04" + bytes(4000), media_type="audio/mpeg")


@app.post("/v1/audio/transcriptions")
async def transcriptions(file: UploadFile, model: str = Form()):
    await asyncio.sleep(DELAY)
    with wave.open(io.BytesIO(await file.read())) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    if model != "whisper-1" or seconds < 0.5:
        return refused(f"{model}, {seconds} s")
    return {"text": ""}


@app.post("/v1/images/generations")
async def images(request: Request):
    asked = await request.json()
    await asyncio.sleep(DELAY)
    if asked.get("quality") != "low":
        return refused("this would cost more than it must")
    return {"created": 1, "data": [{"b64_json": "iVBO" * 700_000}]}
