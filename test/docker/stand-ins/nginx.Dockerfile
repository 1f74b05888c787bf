# In place of nginx:1.29: Debian's nginx, laid out and started as in that image: user nginx 101, logs to the container's
# output, /docker-entrypoint.d, conf.d, its nginx.conf, SIGQUIT.
FROM debian:bookworm-slim
RUN groupadd --system --gid 101 nginx \
 && useradd --system --uid 101 --gid nginx --home-dir /nonexistent --no-create-home --shell /bin/false nginx \
 && apt-get update && apt-get install -y --no-install-recommends nginx \
 && rm -rf /var/lib/apt/lists/* /etc/nginx/* /docker-entrypoint.d \
 && ln -sf /dev/stdout /var/log/nginx/access.log \
 && ln -sf /dev/stderr /var/log/nginx/error.log \
 && chown -R root:root /var/log/nginx \
 && mkdir -p /docker-entrypoint.d /etc/nginx/conf.d /var/cache/nginx /usr/share/nginx/html \
 && rm -rf /var/lib/nginx && ln -s /var/cache/nginx /var/lib/nginx \
 && touch /etc/nginx/mime.types
COPY nginx/nginx.conf /etc/nginx/nginx.conf
COPY nginx/default.conf /etc/nginx/conf.d/default.conf
COPY nginx/docker-entrypoint.sh /docker-entrypoint.sh
ENTRYPOINT ["/docker-entrypoint.sh"]
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
