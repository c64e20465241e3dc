# Build: everything npm needs; nothing of this stage but the result is shipped.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# `npm install`, not `npm ci`: depending on npm's own settings `npm ci` calls a lock file with optional
# platform packages (Biome, TypeScript) out of step and stops; install keeps to the same lock file.
# No dependency needs an install script, so none is run.
RUN npm install --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

# Run: Node and nothing else; no shell, no package manager.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# By number, so that a platform that insists on a user other than root can check it. Docker lets any
# user bind 80 and 443 in the container's own network. On the host's network it does not: run there
# with --user 0, or move the ports with --http-port and --https-port.
USER 65532:65532
# Virtual hosts, stats and admin, app ids, service ports: Marathon-LB's set.
EXPOSE 80 443 9090 9091 10000-10100
# Teal drains on SIGTERM; give it longer than --drain-seconds (30) before SIGKILL (docker stop -t 40).
STOPSIGNAL SIGTERM
# The image has no shell and no curl, but it has Node. Whoever moves --stats-port, or binds to an address
# other than *, gives a health check of their own.
HEALTHCHECK --start-period=15s --interval=15s --timeout=5s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:9090/_haproxy_health_check').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "dist/main.js"]
# As Marathon-LB's image is started; Marathon's `args` take its place.
CMD ["sse", "--health-check", "--group", "external"]
