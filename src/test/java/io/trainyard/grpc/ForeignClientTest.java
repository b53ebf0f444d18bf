package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client that was not written here: Node's gRPC. Profile {@code tools} runs it; skipped where
 * there is no Node, or npm cannot install the client.
 */
@ServiceTest
@Timeout(300)
@Tag("tools")
class ForeignClientTest {
  private static final Path CLIENT = Path.of("src", "test", "node");

  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;

  /** The client with its libraries, installed once. */
  private static Path installed() throws IOException, InterruptedException {
    Path folder = Files.createDirectories(Path.of("target", "node"));
    for (String file : List.of("package.json", "package-lock.json", "infer.js")) {
      Files.copy(CLIENT.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    if (!Files.exists(folder.resolve("node_modules/@grpc/grpc-js/package.json"))) {
      assumeTrue(
          run(folder, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts") != null,
          "npm cannot install the client");
    }
    return folder;
  }

  /** What a command prints; null when it fails or is not there. */
  private static @Nullable String run(Path folder, String... command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("node", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectOutput(out.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return null;
      }
      return process.exitValue() == 0 ? Files.readString(out, StandardCharsets.UTF_8) : null;
    } catch (IOException e) {
      return null;
    } finally {
      Files.deleteIfExists(out);
    }
  }

  @Test
  void nodesClientIsAnswered() throws Exception {
    assumeTrue(run(Path.of("."), "node", "--version") != null, "there is no node");
    SumNetwork.importAs(http, "grpc-node");
    String printed =
        run(
            installed(),
            "node",
            "infer.js",
            Path.of("src", "main", "resources", "proto", "inference.proto")
                .toAbsolutePath()
                .toString(),
            "127.0.0.1:" + server.getPort(),
            "grpc-node");
    assertThat(printed).isNotNull();
    JsonNode got = new JsonMapper().readTree(printed);
    assertThat(got.at("/live/live").booleanValue()).isTrue();
    assertThat(got.at("/ready/ready").booleanValue()).isTrue();
    assertThat(got.at("/modelReady/ready").booleanValue()).isTrue();
    assertThat(got.at("/metadata/inputs/0/shape").toString()).isEqualTo("[-1,2]");
    assertThat(got.at("/typed/id").stringValue()).isEqualTo("n1");
    assertThat(got.at("/typed/outputs/0/contents/fp32_contents").toString())
        .isEqualTo("[3.5,24.5]");
    assertThat(got.get("raw").toString()).isEqualTo("[[3.5,-1],[3.5]]");
    assertThat(got.at("/unknown/code").intValue()).as("NOT_FOUND").isEqualTo(5);
    assertThat(got.at("/wrong/code").intValue()).as("INVALID_ARGUMENT").isEqualTo(3);
    assertThat(got.at("/wrong/details").stringValue()).contains("/inputs/0/contents");
    assertThat(got.at("/late/code").intValue()).as("DEADLINE_EXCEEDED").isEqualTo(4);
    assertThat(got.at("/statistics/model_stats/0/inference_count").intValue()).isEqualTo(3);
    assertThat(got.at("/index/0/state").stringValue()).isEqualTo("READY");
    assertThat(got.at("/unloaded/code").isMissingNode()).isTrue();
    assertThat(got.at("/refused/code").intValue()).as("UNAVAILABLE").isEqualTo(14);
    assertThat(got.at("/loaded/code").isMissingNode()).isTrue();
    assertThat(got.at("/again/outputs/0/contents/fp32_contents").toString())
        .isEqualTo("[3.5,24.5]");
    assertThat(got.get("health").intValue()).as("SERVING").isEqualTo(1);
  }
}
