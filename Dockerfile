# One image for web and worker: `docker run … rollcall web`, `docker run … rollcall worker`. No secret is in any layer.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/rollcall/venv && \
    /opt/rollcall/venv/bin/pip install --require-hashes --requirement requirements.lock

FROM python:3.12-slim-bookworm
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# The browser and what it needs come from the distribution, so both stay patched together; the driver wants libatomic1;
# tini reaps its processes. A volume takes the owner and the mode of the folder that it covers.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install --yes --no-install-recommends chromium fonts-liberation fonts-noto-color-emoji libatomic1 tini && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --create-home --uid 10001 rollcall && \
    install --directory --mode=700 --owner=rollcall --group=rollcall \
      /home/rollcall/data /home/rollcall/data/exports /home/rollcall/data/keys
ENV PATH=/opt/rollcall/venv/bin:$PATH \
    PYTHONPATH=/opt/rollcall/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    BROWSER_PATH=/usr/bin/chromium \
    ROLLCALL_DATA_DIR=/home/rollcall/data \
    LOG_FORMAT=json \
    HOST=0.0.0.0 \
    PORT=8642 \
    HEALTH_PORT=8652
COPY --from=build /opt/rollcall/venv /opt/rollcall/venv
WORKDIR /opt/rollcall/app
COPY rollcall.py ./
COPY cli cli
COPY shared shared
COPY web web
COPY worker worker
COPY supabase supabase
USER 10001
EXPOSE 8642
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "/opt/rollcall/app/rollcall.py", "health"]
ENTRYPOINT ["tini", "--", "python", "/opt/rollcall/app/rollcall.py"]
CMD ["web"]
