# One image per server: docker build --target gateway|auth-service|event-service .
FROM node:22-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY shared/package.json shared/
COPY auth-service/package.json auth-service/
COPY event-service/package.json event-service/
COPY gateway/package.json gateway/
COPY client/package.json client/
COPY dev/package.json dev/
COPY bench/package.json bench/

FROM manifests AS build
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json tsconfig.build.json ./
COPY shared shared
COPY auth-service auth-service
COPY event-service event-service
COPY gateway gateway
RUN npx tsc --build auth-service/tsconfig.build.json event-service/tsconfig.build.json gateway/tsconfig.build.json

# Only what each server needs at run time.
FROM manifests AS auth-service-tree
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund --workspace=auth-service
COPY --from=build /app/shared/dist shared/dist
COPY --from=build /app/auth-service/dist auth-service/dist

FROM manifests AS event-service-tree
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund --workspace=event-service
COPY --from=build /app/shared/dist shared/dist
COPY --from=build /app/event-service/dist event-service/dist

FROM manifests AS gateway-tree
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund --workspace=gateway
COPY --from=build /app/shared/dist shared/dist
COPY --from=build /app/gateway/dist gateway/dist
COPY gateway/assets gateway/assets

# The files are owned by root and the process runs as node, so it cannot change its own code.
FROM node:22-slim AS server
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
# A process that exits waits for its DNS queries. By default, unanswered ones take 10 seconds, the limit of a shutdown.
ENV RES_OPTIONS="timeout:1 attempts:2"
WORKDIR /app
COPY deploy/health.sh deploy/
RUN mkdir /data && chown node:node /data
USER node

FROM server AS auth-service
COPY --from=auth-service-tree /app ./
EXPOSE 3001
VOLUME /data
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 CMD ["bash", "/app/deploy/health.sh", "3001"]
CMD ["node", "auth-service/dist/server.js"]

FROM server AS event-service
COPY --from=event-service-tree /app ./
EXPOSE 3002
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 CMD ["bash", "/app/deploy/health.sh", "3002"]
CMD ["node", "event-service/dist/server.js"]

FROM server AS gateway
COPY --from=gateway-tree /app ./
EXPOSE 3000 9464
# The certificate names the public host, not 127.0.0.1, so this check does not verify it.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 CMD ["node", "-e", "require(process.env.TLS_CERT_FILE ? 'https' : 'http').get({ port: 3000, path: '/health/ready', rejectUnauthorized: false }, answer => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
CMD ["node", "gateway/dist/server.js"]
