# In place of node:24-bookworm-slim. The context has Node.js and npm of the machine that runs the tests.
FROM debian:bookworm-slim
# npm knows the authorities of the system that way, and so those of the machine that runs the tests.
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
CMD ["node"]
