"""Asks a proxy with the client that is named, and prints what came of it as JSON: clients.py CLIENT URL SIZE [CA]"""
import asyncio
import hashlib
import json
import ssl
import sys
from urllib.parse import urljoin

client, url, size, *trust = sys.argv[1:]
size = int(size)
body = bytes(i % 251 for i in range(size))
ca = trust[0] if trust else None


def with_requests():
    import requests

    session = requests.Session()
    many = [session.get(f"{url}/{i}", verify=ca).json()["url"] for i in range(20)]
    upload = session.post(f"{url}/upload", data=body, verify=ca).json()
    stream = session.post(f"{url}/upload", data=iter([body[: size // 2], body[size // 2 :]]), verify=ca).json()
    download = session.get(f"{url}/bytes/{size}", stream=True, verify=ca)
    length = sum(len(chunk) for chunk in download.iter_content(65536))
    lost = session.get(urljoin(url, "/nobody"), verify=ca).status_code
    return dict(many=len(many), upload=upload, stream=stream, download=length, lost=lost)


async def with_aiohttp():
    import aiohttp

    context = ssl.create_default_context(cafile=ca) if ca else None
    connector = aiohttp.TCPConnector(ssl=context) if context else None
    async with aiohttp.ClientSession(connector=connector) as session:

        async def read(path):
            async with session.get(f"{url}/{path}") as answer:
                return await answer.read()

        async def generate():
            yield body[: size // 2]
            yield body[size // 2 :]

        many = await asyncio.gather(*(read(i) for i in range(20)))
        async with session.post(f"{url}/upload", data=body) as answer:
            upload = await answer.json()
        async with session.post(f"{url}/upload", data=generate()) as answer:
            stream = await answer.json()
        length = len(await read(f"bytes/{size}"))
        async with session.get(urljoin(url, "/nobody")) as answer:
            lost = answer.status
        async with session.ws_connect(f"{url}/ws") as websocket:
            await websocket.send_str("hello")
            echo = await websocket.receive_str()
            await websocket.close()
    return dict(many=len(many), upload=upload, stream=stream, download=length, lost=lost, echo=echo)


def with_httpx():
    import httpx

    context = ssl.create_default_context(cafile=ca) if ca else True
    with httpx.Client(http2=True, verify=context, timeout=30) as session:
        answers = [session.get(f"{url}/{i}") for i in range(20)]
        upload = session.post(f"{url}/upload", content=body).json()
        stream = session.post(f"{url}/upload", content=iter([body[: size // 2], body[size // 2 :]])).json()
        length = len(session.get(f"{url}/bytes/{size}").content)
        lost = session.get(urljoin(url, "/nobody")).status_code
    version = answers[0].http_version
    return dict(many=len(answers), upload=upload, stream=stream, download=length, lost=lost, version=version)


async def with_websockets():
    import websockets

    async with websockets.connect(f"{url.replace('http', 'ws', 1)}/ws", max_size=None) as websocket:
        await websocket.send("hello")
        echo = await websocket.recv()
        await websocket.send(body)
        big = await websocket.recv() == body
        await (await websocket.ping())
    try:
        await websockets.connect(f"{url.replace('http', 'ws', 1)}/status/403")
    except websockets.exceptions.InvalidStatus as error:
        refused = error.response.status_code
    return dict(echo=echo, big=big, refused=refused, code=websocket.close_code)


result = globals()[f"with_{client}"]()
if asyncio.iscoroutine(result):
    result = asyncio.run(result)
print(json.dumps({**result, "sha256": hashlib.sha256(body).hexdigest()}))
