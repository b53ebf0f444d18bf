package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Http;
import io.trainyard.process.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The image, built by {@code src/image/build} and started by {@code src/image/run}: not as root, on
 * a root file system that is only read. Profile {@code image} runs it; skipped without buildah.
 */
@Tag("image")
@Timeout(1800)
class ImageIT {
  private static final Path WORK = Path.of("target", "image");

  @TempDir private Path folder;

  @BeforeAll
  static void build() throws Exception {
    for (String tool : List.of("buildah", "mmdebstrap", "unshare", "/usr/lib/podman/netavark")) {
      assumeTrue(Files.isExecutable(Path.of("/usr/bin").resolve(tool)), tool + " is missing");
    }
    Path log = Path.of("target", "image-build.log");
    ProcessBuilder builder = new ProcessBuilder("src/image/build", WORK.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    int code = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    assertThat(code).as("see %s", log).isZero();
  }

  private record Running(Process process, Http http, int management, Path log)
      implements AutoCloseable {
    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  @Test
  void imageTrainsAndPredictsWithoutRootOnAReadOnlyFileSystem() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    try (Running first = start(data)) {
      Http http = first.http();
      http.sample("iris");
      JsonNode job =
          http.await(
              http.submit(Files.readString(Path.of("src/test/resources/image/job.json"))),
              Duration.ofMinutes(3));
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
      http.post(
              "/v1/models/iris/predict",
              Files.readString(Path.of("src/examples/iris/predict.json")))
          .expect(200);
      String path = "/v1/jobs/" + job.get("id").stringValue();
      assertThat(http.get(path + "/plots/curves", "Accept", "image/png").expect(200).bytes())
          .startsWith(0x89, 'P', 'N', 'G');
      http.get("/livez").expect(200);
      http.get("/readyz").expect(200);
      Http management = new Http(first.management());
      assertThat(management.get("/actuator/sbom/application").expect(200).text())
          .contains("CycloneDX", "spring-boot");
      assertThat(run(data, List.of(), "entrypoint", "health", "" + first.management())).isZero();
      assertThat(run(data, List.of(), "entrypoint", "health", "1")).isEqualTo(1);
      assertThat(Files.readString(first.log()))
          .doesNotContain("Unpacking the native libraries")
          .doesNotContain("The cache")
          .doesNotContain("Exception");
      assertThat(Files.getAttribute(data.resolve("database"), "unix:uid")).isEqualTo(10001);
      first.process().destroy();
      assertThat(first.process().waitFor(40, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(run(data, List.of(), "touch", "/app/written")).isNotZero();
    assertThat(run(data, List.of(), "entrypoint", "migrate")).isZero();
  }

  private Running start(Path data) throws IOException {
    int port = Ports.free();
    int management = Ports.free();
    List<String> command =
        command(
            data,
            List.of("SERVER_ADDRESS=127.0.0.1", "MANAGEMENT_SERVER_PORT=" + management),
            "entrypoint",
            "--server.port=" + port,
            "--spring.grpc.server.port=0");
    return await(new ProcessBuilder(command), port, management);
  }

  private Running await(ProcessBuilder command, int port, int management) throws IOException {
    Path log = Files.createTempFile(folder, "service", ".log");
    Instant begin = Instant.now();
    Process process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Http http = new Http(port);
    while (!isReady(http)) {
      if (!process.isAlive() || begin.plusSeconds(180).isBefore(Instant.now())) {
        process.destroyForcibly();
        throw new IllegalStateException("not ready:\n" + Files.readString(log));
      }
      Http.pause(Duration.ofMillis(20));
    }
    return new Running(process, http, management, log);
  }

  private static boolean isReady(Http http) {
    try {
      return http.get("/readyz").status() == 200;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static int run(Path data, List<String> environment, String... arguments)
      throws Exception {
    return new ProcessBuilder(command(data, environment, arguments)).inheritIO().start().waitFor();
  }

  private static List<String> command(Path data, List<String> environment, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("src/image/run", WORK.toString(), data.toString()));
    command.addAll(environment);
    command.add("--");
    command.addAll(List.of(arguments));
    return command;
  }
}
