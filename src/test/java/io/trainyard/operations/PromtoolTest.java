package io.trainyard.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Prometheus's own tool checks the alerts: each fires in one case and not in another. */
@Tag("tools")
@Timeout(60)
class PromtoolTest {
  @Test
  void rulesAreValid() throws Exception {
    assertThat(promtool("check", "rules", "helm/files/alerts.yml")).contains("SUCCESS");
  }

  @Test
  void alertsFireWhenTheyShould() throws Exception {
    assertThat(promtool("test", "rules", "src/test/prometheus/alerts.test.yml"))
        .contains("SUCCESS")
        .doesNotContain("FAILED");
  }

  private static String promtool(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return abort("promtool is not installed");
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
