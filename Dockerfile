# A small image that scans what is mounted at /src, as nobody in particular and without the network:
#   docker build -t apiposture .
#   docker run --rm --network none --read-only --tmpfs /tmp -v "$PWD:/src:ro" apiposture scan .
FROM python:3.13-slim@sha256:6771159cd4fa5d9bba1258caf0b82e6b73458c694d178ad97c5e925c2d0e1a91 AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/apiposture
COPY requirements.txt ./
RUN /opt/apiposture/bin/python -m pip install --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
# What only builds stays behind: the image holds the tool and what it runs on.
RUN /opt/apiposture/bin/python -m pip install --no-deps --no-build-isolation . \
    && /opt/apiposture/bin/python -m pip uninstall --yes hatchling tomlkit trove-classifiers pluggy packaging pip

FROM python:3.13-slim@sha256:6771159cd4fa5d9bba1258caf0b82e6b73458c694d178ad97c5e925c2d0e1a91
LABEL org.opencontainers.image.title="ApiPosture" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/apiposture /opt/apiposture
RUN useradd --uid 10001 --no-log-init --no-create-home --shell /usr/sbin/nologin scanner
ENV PATH="/opt/apiposture/bin:$PATH" APIPOSTURE_CACHE_DIR=/tmp/apiposture PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
USER 10001
ENTRYPOINT ["apiposture"]
CMD ["--help"]
