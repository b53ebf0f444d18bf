package io.trainyard.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What is said about the body of a sweep, before its job is read. */
class SweepRequestTest {
  private static final String LIST = "{\"/training/epochs\": [1, 2]}";
  private static final String RANGE =
      "{\"/training/optimizer/learning_rate\": {\"min\": 0.1, \"max\": 1}}";

  private static List<Violation> faults(String body) {
    Violations violations = new Violations();
    SweepRequest.read(StrictJson.parse(body), violations);
    return violations.list();
  }

  private static List<Violation> faults(String parameters, String strategy, String trials) {
    return faults(
        "{\"job\": {}, \"parameters\": %s, \"strategy\": \"%s\"%s}"
            .formatted(parameters, strategy, trials));
  }

  private static void refuses(List<Violation> faults, String pointer, String why) {
    assertThat(faults)
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.pointer()).isEqualTo(pointer);
              assertThat(fault.detail()).contains(why);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"parameters\": {}}", "{\"job\": [], \"parameters\": {}}"})
  void aSweepIsOfAJob(String body) {
    refuses(faults(body), "/job", "'job' is required");
    assertThat(SweepRequest.read(StrictJson.parse(body), new Violations())).isNull();
  }

  @Test
  void aGridTriesAllValuesOfLists() {
    assertThat(faults(LIST, "grid", "")).isEmpty();
    refuses(faults(LIST, "grid", ", \"trials\": 3"), "/trials", "A grid tries every combination");
    refuses(
        faults(RANGE, "grid", ""),
        "/parameters/~1training~1optimizer~1learning_rate",
        "A grid takes a list of values");
  }

  @Test
  void drawsFromRangesHaveANumberOfTrials() {
    assertThat(faults(RANGE, "random", ", \"trials\": 3")).isEmpty();
    assertThat(faults(RANGE, "halving", ", \"trials\": 3")).isEmpty();
    refuses(faults(LIST, "random", ""), "/trials", "required for the strategy 'random'");
    refuses(faults(RANGE, "halving", ""), "/trials", "required where a parameter is a range");
    // It tries every combination of the lists.
    assertThat(faults(LIST, "halving", "")).isEmpty();
  }

  @Test
  void theStoredSweepSaysWhichTrialIsBetterAndWithWhatItWasDrawn() {
    SweepRequest request =
        Objects.requireNonNull(
            SweepRequest.read(
                StrictJson.parse(
                    "{\"job\": {}, \"parameters\": %s, \"cross_validation\": 3}".formatted(LIST)),
                new Violations()));
    ObjectNode job = JsonNodeFactory.instance.objectNode();
    assertThat(request.toJson(7, job, true, 10).get("direction").stringValue()).isEqualTo("max");
    assertThat(request.toJson(7, job, false, 10))
        .hasToString(
            "{\"job\":{},\"parameters\":{\"/training/epochs\":[1,2]},\"strategy\":\"grid\","
                + "\"seed\":7,\"cross_validation\":3,\"objective\":\"val_loss\","
                + "\"direction\":\"min\",\"training_memory_bytes\":10}");
  }
}
