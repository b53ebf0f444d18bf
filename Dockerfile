# docker build -t trainyard .
# docker build -t trainyard:gpu --build-arg VARIANT=gpu .   with CUDA's libraries, for NVIDIA's container runtime
#
# --build-arg DISTRIBUTION=context takes target/trainyard instead of building it with Maven.
ARG MAVEN_IMAGE=maven:3.9-eclipse-temurin-25
ARG JDK_IMAGE=eclipse-temurin:25-jdk
ARG JRE_IMAGE=eclipse-temurin:25-jre
ARG VARIANT=cpu
ARG DISTRIBUTION=build

FROM ${MAVEN_IMAGE} AS build
ARG VARIANT
WORKDIR /build
COPY pom.xml ./
COPY src ./src
RUN mvn -B -ntp -Dmaven.test.skip=true -Dchecks.skip -Darchive.skip $([ "$VARIANT" = gpu ] && echo -Pgpu) package && mv target/trainyard /trainyard

FROM scratch AS context
COPY target/trainyard/ /trainyard/

FROM ${DISTRIBUTION} AS distribution

# The distribution in layers, and its native libraries unpacked: once here, not at each start.
FROM ${JDK_IMAGE} AS layers
COPY --from=distribution /trainyard/ /app/
COPY src/image/Slim.java /Slim.java
RUN /app/bin/trainyard unpack /layers/natives/natives \
 && rm -r /layers/natives/natives/duckdb_jdbc-* \
 && java /Slim.java /app/lib \
 && mkdir -p /layers/application/lib && mv /app/bin /layers/application/ && mv /app/lib/trainyard.jar /layers/application/lib/ \
 && mkdir /layers/dependencies && mv /app/lib /layers/dependencies/

FROM ${JRE_IMAGE} AS runtime
# Fonts: plots are drawn with them. libstdc++: the native libraries need it.
RUN if ! command -v fc-list > /dev/null || [ -z "$(fc-list)" ]; then \
      apt-get update && apt-get install -y --no-install-recommends fontconfig fonts-dejavu-core libstdc++6 \
      && rm -rf /var/lib/apt/lists/*; \
    fi; fc-cache -f
RUN groupadd --gid 10001 trainyard \
 && useradd --uid 10001 --gid trainyard --no-create-home --home-dir /var/lib/trainyard --shell /usr/sbin/nologin trainyard \
 && mkdir -p /var/lib/trainyard && chown trainyard:trainyard /var/lib/trainyard
# What changes least comes first.
COPY --from=layers /layers/natives/ /app/
COPY --from=layers /layers/dependencies/ /app/
COPY --from=layers /layers/application/ /app/
ENV TRAINYARD_DATA_DIR=/var/lib/trainyard \
    TRAINYARD_ENGINE_CACHE_DIR=/app/natives \
    SERVER_ADDRESS=0.0.0.0 \
    MANAGEMENT_SERVER_PORT=8081 \
    MANAGEMENT_SERVER_ADDRESS=0.0.0.0

# The caches of this Java and these libraries.
FROM runtime AS baked
RUN /app/bin/trainyard bake

FROM runtime AS image-cpu

FROM runtime AS image-gpu
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility

FROM image-${VARIANT}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Trainyard" \
      org.opencontainers.image.description="Trains neural networks and serves them over HTTP" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=baked /app/lib/*.aot /app/lib/
WORKDIR /var/lib/trainyard
VOLUME /var/lib/trainyard
USER 10001:10001
# HTTP, gRPC, health and metrics.
EXPOSE 8080 8001 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["/app/bin/trainyard", "health"]
ENTRYPOINT ["/app/bin/trainyard"]
