package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.DockerImageName;

/**
 * The recipe of the guide about clients, over the image that Docker builds of the packaged jar.
 * Profile {@code image} runs it; skipped without Docker.
 */
@Tag("image")
@Timeout(1800)
class TestcontainersIT {
  private static final String IMAGE = "trainyard:testcontainers";

  @BeforeAll
  static void build() throws Exception {
    boolean isSet =
        Files.exists(Path.of("/var/run/docker.sock")) || System.getenv("DOCKER_HOST") != null;
    assumeTrue(isSet && DockerClientFactory.instance().isDockerAvailable(), "there is no Docker");
    Path log = Path.of("target", "docker-build.log");
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of("docker", "build", "-t", IMAGE, "--build-arg", "DISTRIBUTION=context", "."));
    builder.environment().put("DOCKER_BUILDKIT", "1");
    int code = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    assertThat(code).as("see %s", log).isZero();
  }

  @Test
  void aTestOfAnotherProgramTrainsInAContainer() throws Exception {
    try (TrainyardContainer trainyard = new TrainyardContainer(DockerImageName.parse(IMAGE));
        HttpClient client = HttpClient.newHttpClient()) {
      trainyard.start();
      HttpResponse<String> sample =
          client.send(
              HttpRequest.newBuilder(trainyard.address().resolve("/v1/samples/iris"))
                  .POST(BodyPublishers.noBody())
                  .build(),
              BodyHandlers.ofString());
      assertThat(sample.statusCode()).as(sample.body()).isEqualTo(201);
    }
  }
}
