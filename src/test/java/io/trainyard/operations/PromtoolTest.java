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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prometheus's own tool checks the alerts: each fires in one case and not in another. */
@Tag("tools")
@Timeout(60)
public class PromtoolTest {
  @Test
  void rulesAreValid() throws Exception {
    assertThat(promtool("check", "rules", "helm/files/alerts.yml")).contains("SUCCESS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"alerts", "installations"})
  void alertsFireWhenTheyShould(String cases) throws Exception {
    assertThat(promtool("test", "rules", "src/test/prometheus/" + cases + ".test.yml"))
        .contains("SUCCESS")
        .doesNotContain("FAILED");
  }

  /** What promtool prints; aborts the test where it is not installed. */
  public static String promtool(String... arguments) throws Exception {
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
