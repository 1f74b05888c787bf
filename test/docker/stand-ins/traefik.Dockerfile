# In place of traefik:v3.7. The context has the Traefik of the tests.
FROM debian:bookworm-slim
COPY traefik /usr/local/bin/traefik
EXPOSE 80
ENTRYPOINT ["traefik"]
