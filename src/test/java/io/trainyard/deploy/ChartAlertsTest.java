package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.trainyard.operations.PromtoolTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rules of two installed charts in one Prometheus: each fires for its own, and once. */
@Tag("tools")
@Timeout(60)
class ChartAlertsTest {
  private static final Path CASES = Path.of("src/test/prometheus/installations.test.yml");

  @TempDir private Path folder;

  @Test
  void rulesOfTwoInstallationsAndAStranger() throws Exception {
    write("trainyard", "lab", "");
    write("demo", "prod", "fullnameOverride: yard\n");
    String cases = Files.readString(CASES);
    String both = cases.replace("[../../../helm/files/alerts.yml]", "[lab.yml, prod.yml]");
    assertThat(both).isNotEqualTo(cases);
    Path file = Files.writeString(folder.resolve("cases.yml"), both);

    assertThat(PromtoolTest.promtool("test", "rules", file.toString()))
        .contains("SUCCESS")
        .doesNotContain("FAILED");
  }

  private void write(String release, String namespace, String values) throws IOException {
    PrometheusRule rules =
        Chart.render(
                release,
                namespace,
                "standalone: true\nprometheusRule: {enabled: true}\nurl: http://localhost:8080\n"
                    + values)
            .stream()
            .filter(PrometheusRule.class::isInstance)
            .map(PrometheusRule.class::cast)
            .findFirst()
            .orElseThrow();
    new ObjectMapper(new YAMLFactory())
        .writeValue(folder.resolve(namespace + ".yml").toFile(), rules.getSpec());
  }
}
