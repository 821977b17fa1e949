# syntax=docker/dockerfile:1

FROM node:24-bookworm-slim AS dependencies
WORKDIR /opt/holdfast
COPY package.json package-lock.json ./
COPY src/drivers/sql/azure-identity ./src/drivers/sql/azure-identity
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

# With the bundler, which the image does not hold.
FROM dependencies AS bundle
RUN npm ci --omit=dev --no-audit --no-fund
COPY src ./src
RUN node src/base/make-bundle.js

FROM node:24-bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git openssh-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /var/lib/holdfast holdfast
WORKDIR /opt/holdfast
COPY --from=dependencies /opt/holdfast/node_modules ./node_modules
COPY package.json package-lock.json LICENSE ./
COPY src ./src
COPY --from=bundle /opt/holdfast/dist ./dist
COPY desired-state ./desired-state
RUN ln -s /opt/holdfast/src/cli/holdfast.js /usr/local/bin/holdfast
USER holdfast
WORKDIR /var/lib/holdfast
VOLUME ["/var/lib/holdfast"]
# Unhealthy when no daemon holds the lease, or its last pass is overdue.
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s --retries=3 \
  CMD ["holdfast", "status", "--health", "--config", "/var/lib/holdfast/holdfast.yaml"]
ENTRYPOINT ["holdfast"]
CMD ["run", "--config", "/var/lib/holdfast/holdfast.yaml"]
