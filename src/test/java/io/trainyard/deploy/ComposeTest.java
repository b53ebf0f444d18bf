package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the compose file names exists. {@code ComposeIT} starts its processes. */
class ComposeTest {
  @Test
  void everyFileAndConfigurationThatServicesMountExists() throws IOException {
    JsonNode compose = ComposeFile.read();
    Set<String> used = new TreeSet<>();
    for (JsonNode service : compose.get("services")) {
      for (JsonNode config : service.path("configs")) {
        used.add(config.get("source").asString());
      }
      for (JsonNode volume : service.path("volumes")) {
        String from = volume.asString().split(":")[0];
        if (from.startsWith("./")) {
          assertThat(Path.of(from)).isRegularFile();
        } else if (!from.startsWith("/")) {
          assertThat(compose.get("volumes").has(from)).as(from).isTrue();
        }
      }
    }
    assertThat(used).isEqualTo(Set.copyOf(compose.get("configs").propertyNames()));
    for (JsonNode config : compose.get("configs")) {
      assertThat(new Yaml().<Object>load(config.get("content").asString())).isNotNull();
    }
  }

  /** Nobody but this machine reaches a port, and no process may write outside its volume. */
  @Test
  void portsAreOfThisMachineAndFileSystemsAreReadOnly() throws IOException {
    for (JsonNode service : ComposeFile.read().get("services")) {
      service.path("ports").forEach(port -> assertThat(port.asString()).startsWith("127.0.0.1:"));
    }
    for (String name : List.of("trainyard", "worker")) {
      JsonNode service = ComposeFile.read().get("services").get(name);
      assertThat(service.get("read_only").asBoolean()).isTrue();
      assertThat(service.get("volumes").toString()).contains("/var/lib/trainyard");
    }
  }

  /** What Compose would start, read by Compose itself. */
  @ParameterizedTest
  @Tag("tools")
  @CsvSource({"none, false", "scale, true"})
  void everyPortIsPublishedOnceAndProfileScaleAddsWorkers(String profile, boolean workers)
      throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/docker-compose")), "no docker-compose");
    Process process =
        new ProcessBuilder("docker-compose", "--profile", profile, "config", "--format", "json")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    JsonNode services =
        JsonMapper.shared().readTree(process.getInputStream().readAllBytes()).get("services");
    assertThat(process.waitFor()).isZero();
    assertThat(services.has("trainyard")).isTrue();
    assertThat(services.has("worker")).isEqualTo(workers);
    List<String> published = new ArrayList<>();
    services.forEach(
        service ->
            service.path("ports").forEach(port -> published.add(port.get("published").asString())));
    assertThat(published).contains("8080", "8001").doesNotHaveDuplicates();
  }
}
