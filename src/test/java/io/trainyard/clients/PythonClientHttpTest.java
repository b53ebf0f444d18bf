package io.trainyard.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** The Python client against the service, and against a server that fails. */
@ServiceTest
@Timeout(150)
class PythonClientHttpTest {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  @Autowired private Http http;

  @BeforeEach
  void needsPython() {
    assumeTrue(Files.isExecutable(PYTHON), "there is no " + PYTHON);
  }

  @Test
  void clientRunsTheMainJob() throws Exception {
    assertThat(run("src/test/python/client_job.py", http.base(), "iris-python")).endsWith("done\n");
  }

  @Test
  void clientSurvivesBusyAndBrokenServers() throws Exception {
    assertThat(run("src/clients/python/test_trainyard.py")).contains("\nOK");
  }

  private static String run(String script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PYTHON.toString(), "-B", script));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("TRAINYARD_"));
    Process process = builder.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
