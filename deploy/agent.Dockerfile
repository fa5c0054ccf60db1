# An agent of Shakedown. The image must have glibc (no Alpine): the core of Temporal's SDK is a native library.
#   docker build --file agent.Dockerfile --tag shakedown-agent .
#   docker run --env KEY shakedown-agent --join temporal.example:7233 --api-key-env KEY --allow-target '*.staging.example'
FROM node:22-bookworm-slim
WORKDIR /agent
ENV npm_config_update_notifier=false
RUN npm init --yes >/dev/null \
 && npm install --no-audit --no-fund shakedown \
    @temporalio/client@1.24 @temporalio/worker@1.24 @temporalio/workflow@1.24 @temporalio/activity@1.24 \
 && npm cache clean --force
USER node
# Without a shell and npm in between, so that SIGTERM reaches the agent, which then hands in what it has measured.
ENTRYPOINT ["node", "node_modules/shakedown/dist/cli.js", "agent"]
