# In place of quay.io/jupyterhub/jupyterhub:5: JupyterHub alone, started in /srv/jupyterhub.
FROM debian:bookworm-slim
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m pip install --no-cache-dir --quiet 'jupyterhub==5.5.*'
WORKDIR /srv/jupyterhub
EXPOSE 8000
CMD ["jupyterhub"]
