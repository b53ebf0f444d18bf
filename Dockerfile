# docker build -t trainyard .
# docker build -t trainyard:gpu --build-arg VARIANT=gpu .   with CUDA's libraries, for NVIDIA's container runtime
#
# --build-arg JAR=context takes target/trainyard-*.jar instead of building it with Maven.
ARG MAVEN_IMAGE=maven:3.9-eclipse-temurin-25
ARG JDK_IMAGE=eclipse-temurin:25-jdk
ARG JRE_IMAGE=eclipse-temurin:25-jre
ARG VARIANT=cpu
ARG JAR=build

FROM ${MAVEN_IMAGE} AS build
ARG VARIANT
WORKDIR /build
COPY pom.xml ./
COPY src ./src
RUN mvn -B -ntp -Dmaven.test.skip=true $([ "$VARIANT" = gpu ] && echo -Pgpu) package \
 && mv target/trainyard-*.jar /trainyard.jar

FROM scratch AS context
COPY target/trainyard-*.jar /trainyard.jar

FROM ${JAR} AS jar

# The jar in layers, and its native libraries unpacked: once here, not at each start.
FROM ${JDK_IMAGE} AS layers
COPY --from=jar /trainyard.jar /trainyard.jar
RUN java -Djarmode=tools -jar /trainyard.jar extract --layers --destination /layers
COPY src/image/Slim.java /Slim.java
RUN mkdir /app && cp -r /layers/*/. /app \
 && java -jar /app/trainyard.jar unpack /app/natives \
 && rm -r /app/natives/duckdb_jdbc-* \
 && java /Slim.java /layers/dependencies/lib \
 && mkdir -p /layers/natives /layers/spring-boot-loader /layers/snapshot-dependencies \
 && mv /app/natives /layers/natives/ && rm -r /app

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
COPY --from=layers /layers/spring-boot-loader/ /app/
COPY --from=layers /layers/snapshot-dependencies/ /app/
COPY --from=layers /layers/application/ /app/
ENV TRAINYARD_DATA_DIR=/var/lib/trainyard \
    TRAINYARD_ENGINE_CACHE_DIR=/app/natives \
    SERVER_ADDRESS=0.0.0.0 \
    MANAGEMENT_SERVER_PORT=8081 \
    MANAGEMENT_SERVER_ADDRESS=0.0.0.0

FROM runtime AS baked
COPY src/image/bake src/image/job.json /image/
COPY src/examples/iris/ /image/iris/
RUN /image/bake /tmp/trainyard.aot

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
COPY --from=baked /tmp/trainyard.aot /app/trainyard.aot
WORKDIR /var/lib/trainyard
VOLUME /var/lib/trainyard
USER 10001:10001
# HTTP, gRPC, health and metrics.
EXPOSE 8080 8001 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["java", "-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "/app/trainyard.jar", "io.trainyard.HealthCheck"]
# The JVM says nothing when the cache does not fit it any more, as with other collectors or very large heaps.
ENTRYPOINT ["java", "-XX:AOTCache=/app/trainyard.aot", "-Xlog:aot*=error", "-jar", "/app/trainyard.jar"]
