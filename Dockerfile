# The code location's image: `docker build -t trellis-assets .`
FROM python:3.12-slim AS build
# meshoptimizer comes as source.
RUN apt-get update && apt-get install -y --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY trellis_assets ./trellis_assets
RUN python -m venv /app \
    && /app/bin/pip install --no-cache-dir --constraint constraints.txt . \
    && /app/bin/trellis-assets setup

FROM python:3.12-slim
COPY --from=build /app /app
WORKDIR /studio
COPY catalog ./catalog
ENV PATH=/app/bin:$PATH DAGSTER_HOME=/studio/.trellis/dagster DAGSTER_DISABLE_TELEMETRY=1
RUN useradd --create-home artist && mkdir -p .trellis/dagster && chown -R artist /studio
USER artist
EXPOSE 4000
CMD ["dagster", "code-server", "start", "-h", "0.0.0.0", "-p", "4000", "-m", "trellis_assets.definitions"]
