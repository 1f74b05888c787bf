"""A service that the Hub starts: answers each request with the path, its JUPYTERHUB_* variables, and who the Hub says it is."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
from urllib.request import Request, urlopen


def ask_hub_who_i_am():
    token = os.environ["JUPYTERHUB_API_TOKEN"]
    request = Request(os.environ["JUPYTERHUB_API_URL"] + "/user", headers={"Authorization": f"token {token}"})
    with urlopen(request, timeout=5) as answer:
        return json.load(answer)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        env = {name: value for name, value in os.environ.items() if name.startswith("JUPYTERHUB_")}
        body = json.dumps({"path": self.path, "env": env, "self": ask_hub_who_i_am()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
ThreadingHTTPServer((address.hostname, address.port), Handler).serve_forever()
