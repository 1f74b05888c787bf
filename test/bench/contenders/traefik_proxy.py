"""Drives the real TraefikFileProviderProxy, as a Hub that starts its own Traefik would.

One JSON request a line on stdin, one JSON answer a line on stdout, in whatever order they are done; ends with stdin.
"""

import asyncio
import json
import logging
import sys
import types

from jupyterhub.app import JupyterHub  # noqa: F401  what the Hub has in memory anyway
from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from jupyterhub_traefik_proxy.traefik_utils import deep_merge
from traitlets.config import Config


async def fill(proxy, routes):
    """Many routes at once, which its interface has no call for: each step is its own code."""
    merged = ({}, {})
    for path, target in routes.items():
        for part, more in zip(merged, proxy._dynamic_config_for_route(path, target, {})):
            deep_merge(part, more)
    await proxy._apply_dynamic_config(*merged)
    await proxy._wait_for_route(list(routes)[-1])


async def perform(proxy, request):
    do = request["do"]
    if do == "add":
        await proxy.add_route(request["path"], request["target"], {})
    elif do == "remove":
        await proxy.delete_route(request["path"])
    elif do == "fill":
        await fill(proxy, request["routes"])
    elif do == "count":
        return len(await proxy.get_all_routes())


async def answer(proxy, request):
    try:
        result = {"value": await perform(proxy, request)}
    except Exception as error:
        result = {"error": repr(error)}
    print(json.dumps({"id": request["id"], **result}), flush=True)


async def main(settings):
    print(json.dumps({"id": "imported"}), flush=True)
    # The Hub continues when memory without a proxy has been looked at.
    await asyncio.to_thread(sys.stdin.readline)
    config = Config(TraefikFileProviderProxy=settings)
    proxy = TraefikFileProviderProxy(config=config, should_start=True, public_url=settings["public_url"])
    proxy.log = logging.getLogger("traefik-proxy")
    await proxy.start()
    print(json.dumps({"id": "started", "value": proxy.traefik_process.pid}), flush=True)
    running = set()
    while line := await asyncio.to_thread(sys.stdin.readline):
        task = asyncio.create_task(answer(proxy, json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)
    await proxy.stop()


asyncio.run(main(json.loads(sys.argv[1])))
