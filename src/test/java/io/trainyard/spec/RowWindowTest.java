package io.trainyard.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowWindowTest {
  private static List<String> pointers(String input, String target) {
    Violations violations = new Violations();
    SpecReader.model(
        StrictJson.parse(
            """
            {"name": "m", "inputs": {"x": %s}, "targets": {"y": %s},
             "network": {"layers": [{"type": "dense", "units": 1}]}}
            """
                .formatted(input, target)),
        "",
        violations);
    return violations.list().stream().map(Violation::pointer).toList();
  }

  @Test
  void aBadWindowIsRefusedAtItsPlace() {
    assertThat(
            pointers(
                "{\"columns\": [\"a\"], \"window\": {\"length\": 0, \"step\": 1}}",
                "{\"column\": \"y\"}"))
        .contains("/inputs/x/window/length", "/inputs/x/window/step");
  }

  @Test
  void anOffsetNeedsAWindow() {
    assertThat(pointers("{\"columns\": [\"a\"]}", "{\"column\": \"y\", \"offset\": 1}").getFirst())
        .isEqualTo("/targets/y/offset");
  }
}
