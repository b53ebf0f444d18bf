package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.trainyard.Cases;
import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.deploy.Distribution.Ended;
import io.trainyard.deploy.Distribution.Mapped;
import io.trainyard.process.MemoryLimit;
import io.trainyard.process.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of process of the distribution, for containers of each size and one of the collectors:
 * either it starts with the baked cache, or it says in one line that the memory is too little.
 */
@Tag("distribution")
@Timeout(900)
class DistributionMatrixIT {
  /** Less has no room for the service with its worker and its hosts. */
  private static final int LEAST_OF_A_SERVICE = 832;

  @TempDir private Path folder;

  /** As on a machine where nothing has started before, the native libraries are unpacked first. */
  @BeforeAll
  static void bake(@TempDir Path natives) throws Exception {
    Path log = Path.of("target", "bake.log");
    ProcessBuilder builder =
        new ProcessBuilder(Distribution.PACKAGED.resolve("bin/trainyard").toString(), "bake")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("TRAINYARD_ENGINE_CACHE_DIR", natives.toString());
    int code = builder.start().waitFor();
    assertThat(code).as(Files.readString(log)).isZero();
  }

  /** Each size with one of the collectors, and the other one in another run. */
  static List<Arguments> sizes() {
    return Cases.drawn(
        List.of(
            arguments("G1", 256), arguments("Serial", 256),
            arguments("Serial", 512), arguments("G1", 512),
            arguments("G1", 1024), arguments("Serial", 1024),
            arguments("Serial", 4096), arguments("G1", 4096),
            arguments("G1", 0), arguments("Serial", 0)),
        2);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void everyProcessStartsWithTheCacheOrSaysWhyNot(String collector, int megabytes)
      throws Exception {
    try (MemoryLimit limit =
        megabytes == 0 ? MemoryLimit.none() : MemoryLimit.of((long) megabytes << 20)) {
      Distribution one =
          new Distribution(
              Distribution.PACKAGED,
              limit,
              List.of("-XX:+Use" + collector + "GC"),
              Files.createDirectory(folder.resolve("notes")));
      startsWithCache(one, 0, "--version");
      startsWithCache(one, 0, "--help");
      Ended migrated = one.run("migrate", "--trainyard.data-dir=" + folder.resolve("migrated"));
      assertThat(migrated.code()).as(migrated.output()).isZero();
      assertThat(migrated.output()).contains("The database was migrated");
      assertThat(one.mapped()).isEqualTo(new Mapped(1, 1));
      startsWithCache(one, 0, "unpack", folder.resolve("natives").toString());
      serves(one, limit.holds() && megabytes < LEAST_OF_A_SERVICE);
    }
  }

  private static void startsWithCache(Distribution one, int code, String... arguments)
      throws Exception {
    Ended ended = one.run(arguments);
    assertThat(ended.code()).as(ended.output()).isEqualTo(code);
    assertThat(one.mapped()).isEqualTo(new Mapped(1, 1));
  }

  private void serves(Distribution one, boolean tooLittle) throws Exception {
    Path output = folder.resolve("service.log");
    int port = Ports.free();
    Process process =
        one.start(
            output,
            "serve",
            "--server.port=" + port,
            "--spring.grpc.server.port=0",
            "--trainyard.engine.cache-dir=" + folder.resolve("natives"),
            "--trainyard.data-dir=" + folder.resolve("data"));
    try {
      Http http = new Http(port);
      awaitWorker(process, http);
      if (tooLittle) {
        assertThat(process.isAlive()).isFalse();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Files.readString(output).lines())
            .singleElement()
            .asString()
            .contains("need at least");
        assertThat(one.mapped()).isEqualTo(new Mapped(1, 1));
        return;
      }
      assertThat(http.isReady()).as(Files.readString(output)).isTrue();
      http.sample("iris");
      String job = http.submit(Files.readString(Path.of("src/test/resources/image/job.json")));
      assertThat(http.await(job, Duration.ofMinutes(2)).get("state").stringValue())
          .isEqualTo("succeeded");
      http.post(
              "/v1/models/iris/predict",
              Files.readString(Path.of("src/examples/iris/predict.json")))
          .expect(200);
      // A file makes the checker and a host start.
      byte[] file = http.get("/v1/models/iris/versions/1/onnx").expect(200).bytes();
      new Multipart().part("onnx", file).post(http, "/v1/models/foreign/versions").expect(201);
      Mapped healthy = health(one, port);
      assertThat(healthy).isEqualTo(new Mapped(0, 0)); // it takes no options, so it notes nothing
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
      Mapped all = one.mapped();
      assertThat(all.all()).as("service, worker, checker, host").isGreaterThanOrEqualTo(4);
      assertThat(all.mapped()).isEqualTo(all.all());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }

  /** Keeps the notes of the running service. */
  private Mapped health(Distribution one, int port) throws Exception {
    Distribution apart =
        new Distribution(
            one.home(),
            one.limit(),
            one.options(),
            Files.createDirectory(folder.resolve("health-notes")));
    assertThat(apart.run("health", "" + port).code()).isZero();
    return apart.mapped();
  }

  private static void awaitWorker(Process process, Http http) throws IOException {
    Instant limit = Instant.now().plusSeconds(180);
    while (process.isAlive() && Instant.now().isBefore(limit)) {
      if (http.isReady() && http.get("/actuator/health/workers").text().contains("UP")) {
        return;
      }
      Http.pause(Duration.ofMillis(100));
    }
  }
}
