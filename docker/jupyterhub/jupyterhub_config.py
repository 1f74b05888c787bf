import os

# Signalbox runs by itself, beside nginx. The token is in CONFIGPROXY_AUTH_TOKEN, for both.
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://proxy:8001"
# Users stay connected while the Hub is restarted.
c.JupyterHub.cleanup_servers = False

c.JupyterHub.hub_ip = "0.0.0.0"
c.JupyterHub.hub_connect_url = "http://hub:8081"
c.JupyterHub.db_url = "sqlite:////srv/jupyterhub/data/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/jupyterhub/data/cookie_secret"

# To try out: any name with this one password, and servers as processes of this container. nginx reaches them by its name.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["HUB_PASSWORD"]
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "/srv/jupyterhub/data/{username}"
c.Spawner.ip = "0.0.0.0"
# JupyterLab takes its time on a machine that is busy.
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120

# The dashboard is a container of its own. Who is in the group may see it, and act.
if os.environ.get("DASHBOARD_TOKEN"):
    c.JupyterHub.services.append(
        {
            "name": "signalbox",
            "url": "http://dashboard:8002",
            "api_token": os.environ["DASHBOARD_TOKEN"],
            "oauth_no_confirm": True,
            "oauth_client_allowed_scopes": ["proxy", "list:users", "read:users:activity", "read:servers", "delete:servers"],
        }
    )
    c.JupyterHub.load_groups = {"operators": {"users": ["operator"]}}
    c.JupyterHub.load_roles.append(
        {
            "name": "operator",
            "scopes": ["access:services!service=signalbox", "proxy"],
            "groups": ["operators"],
        }
    )
