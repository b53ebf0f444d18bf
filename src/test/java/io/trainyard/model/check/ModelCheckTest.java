package io.trainyard.model.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.Summary;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Checks without data; with data they are tested over HTTP. */
class ModelCheckTest {
  private static final String MODEL =
      """
      {"name": "m", "inputs": {"x": {"columns": %s}}, "targets": {"y": {"column": "y"%s}},
       "network": {"layers": [{"type": "dense", "units": 3, "activation": "softmax"}]}}
      """;

  @Test
  void listedColumnsGiveShapesAndAWarning() {
    Checked check = check(MODEL.formatted("[\"a\", \"b\"]", ""));

    assertThat(check.isValid()).isTrue();
    assertThat(summary(check).parameters()).isEqualTo(9);
    assertThat(check.warnings())
        .extracting(Warning::code)
        .containsExactly("shapes_without_dataset");
  }

  @Test
  void allColumnsLeaveTheShapesOpen() {
    Checked check = check(MODEL.formatted("\"*\"", ""));

    assertThat(check.isValid()).isTrue();
    assertThat(summary(check).layers()).isEmpty();
    assertThat(check.warnings())
        .singleElement()
        .extracting(Warning::detail)
        .asString()
        .contains("'*'");
  }

  @Test
  void listedClassesAreCheckedWithoutData() {
    Checked check =
        read(
            "{\"model\": "
                + MODEL.formatted("[\"a\"]", ", \"classes\": [\"p\", \"q\"]")
                + ", \"training\": {\"loss\": \"categorical_crossentropy\", \"epochs\": 1}}");

    assertThat(check.violations())
        .extracting(Violation::pointer)
        .containsExactly("/model/network/layers/0/units");
  }

  @Test
  void aRawTensorModelNeedsNoData() {
    String raw =
        """
        {"name": "m", "network": {"inputs": {"x": {"shape": [3, 4]}}, "layers": [
           {"type": "dense", "units": 2}, {"type": "flatten"}]}}
        """;

    assertThat(check(raw).warnings()).isEmpty();
    assertThat(summary(check(raw)).layers().getLast().outputShape()).containsExactly(6);
  }

  @Test
  void aFaultThatDependsOnTheColumnsIsAWarning() {
    String attention =
        """
        {"name": "m", "inputs": {"x": {"columns": ["a"], "window": 5%s}},
         "network": {"layers": [{"type": "multi_head_attention", "heads": 2, "key_dim": 3},
                                {"type": "flatten"}, {"type": "dense", "units": 1}]}}
        """;

    // Column 'a' may have six categories.
    Checked open = check(attention.formatted(""));
    assertThat(open.violations()).isEmpty();
    assertThat(open.warnings())
        .filteredOn(warning -> warning.pointer().equals("/model/network/layers/0"))
        .extracting(Warning::code)
        .containsExactly("shapes_without_dataset");
    assertThat(check(attention.formatted(", \"shape\": [5, 1]")).violations())
        .extracting(Violation::pointer)
        .containsExactly("/model/network/layers/0");
  }

  @Test
  void aFaultHidesOnlyWhatDependsOnIt() {
    String faulty =
        """
        {"name": "m", "inputs": {"x": {"columns": ["a", "b"], "shape": [2]}, "z": {"columns": 3}},
         "targets": {"y": {"column": "y", "classes": ["p", "q"], "output": "h"},
                     "v": {"column": "v", "output": "nothing"}},
         "network": {"layers": [
           {"type": "dense", "name": "d", "units": 0, "inputs": ["x"]},
           {"type": "dense", "name": "e", "units": 2, "inputs": ["d"]},
           {"type": "reshape", "name": "r", "shape": [3], "inputs": ["x"]},
           {"type": "add", "name": "s", "inputs": ["x", "unknown"]},
           {"type": "add", "name": "c1", "inputs": ["x", "c2"]},
           {"type": "add", "name": "c2", "inputs": ["x", "c1"]},
           {"type": "dense", "name": "h", "units": 3, "activation": "softmax", "inputs": ["x"]}],
          "outputs": ["h", "missing"]}}
        """;

    Checked check =
        read(
            "{\"model\": %s, \"training\": {\"loss\": \"categorical_crossentropy\", \"epochs\": 0}}"
                .formatted(faulty));

    assertThat(check.violations())
        .extracting(Violation::pointer)
        .containsExactlyInAnyOrder(
            // No layer reads z, unless the one that reads what is unknown means it.
            "/model/inputs/z/columns",
            "/model/network/layers/0/units",
            "/model/network/layers/2",
            "/model/network/layers/3/inputs/1",
            "/model/network/layers/5/inputs",
            "/model/network/layers/6/units",
            "/model/network/outputs/1",
            "/model/targets/v",
            "/training/epochs");
  }

  private record Checked(
      List<Violation> violations, List<Warning> warnings, @Nullable Summary summary) {
    boolean isValid() {
      return violations.isEmpty();
    }
  }

  private static Checked check(String model) {
    return read("{\"model\": " + model + "}");
  }

  private static Checked read(String body) {
    JsonNode json = StrictJson.parse(body);
    Violations violations = new Violations();
    ResolvedModel model =
        ResolvedModel.of(json.get("model"), "/model", (given, at, faults) -> given, violations);
    TrainingSpec training =
        json.has("training")
            ? SpecReader.readableTraining(json.get("training"), "/training", violations).spec()
            : null;
    ModelCheck check = ModelCheck.withoutData(model.read(), "/model", training, false, violations);
    return new Checked(violations.list(), check.warnings(), check.summary());
  }

  private static Summary summary(Checked check) {
    return Objects.requireNonNull(check.summary());
  }
}
