package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Validation, submission, storing and import say the same about the same model. */
@ServiceTest
class OneCheckTest {
  private static final String MODEL =
      """
      {"name": "reviewed", "inputs": {"x": {"columns": ["narrow", "wide"]}},
       "targets": {"y": {"column": "y"}},
       "network": {"layers": [{"type": "dense", "units": 2}, {"type": "dense", "units": 1}]}}
      """;
  private static final String JOB =
      """
      {"model": %s, "dataset": {"name": "reviewed"%s},
       "training": {"loss": "mse", "epochs": 1%s}%s}
      """;

  @Autowired private Http http;

  @BeforeEach
  void upload() {
    http.upload("reviewed", "narrow,wide,y\n0.1,10000,1\n0.2,90000,2\n0.3,50000,4\n0.4,20000,3\n");
  }

  @Test
  void warningsOfAJobAreThoseOfItsValidation() {
    String job = JOB.formatted(MODEL, "", "", "");

    JsonNode warnings = validate(job).get("warnings");

    assertThat(warnings.findValuesAsString("code"))
        .containsExactly("linear_stack", "unscaled_inputs");
    assertThat(http.post("/v1/jobs", job).expect(202).json().get("warnings")).isEqualTo(warnings);
    String named = JOB.formatted("\"reviewed\"", "", "", "");
    JsonNode ofName = validate(named).get("warnings");
    assertThat(http.post("/v1/jobs", named).expect(202).json().get("warnings")).isEqualTo(ofName);
  }

  /** Group b is as large as a, but no window lies in its rows: half of all seeds choose it. */
  @Test
  void aSplitThatSomeSeedsAllowIsValidAndRuns() {
    StringBuilder rows = new StringBuilder("g,x,y\n");
    "aaaabcbcbcbccccccccc".chars().forEach(g -> rows.append((char) g).append(",1,2\n"));
    http.upload("grouped", rows.toString());
    String job =
        """
        {"model": {"name": "grouped", "inputs": {"x": {"columns": ["x"], "window": {"length": %d}}},
                   "targets": {"y": {"column": "y"}},
                   "network": {"layers": [{"type": "flatten"}, {"type": "dense", "units": 1}]}},
         "dataset": {"name": "grouped", "split": {"by": "group", "group": "g", "validation": 0.2}},
         "training": {"loss": "mse", "epochs": 1%s}}
        """;
    Set<Integer> seeded = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      String body = job.formatted(2, ", \"seed\": " + seed);
      int status = http.post("/v1/jobs", body).status();
      assertThat(validate(body).get("valid").booleanValue()).isEqualTo(status == 202);
      seeded.add(status);
    }
    assertThat(seeded).containsExactlyInAnyOrder(202, 422);
    String free = job.formatted(2, "");
    assertThat(validate(free).get("valid").booleanValue()).isTrue();
    for (int i = 0; i < 20; i++) {
      Http.Answer submitted = http.post("/v1/jobs", free).expect(202);
      if (i < 2) {
        assertThat(http.await(submitted.location()).get("state").stringValue())
            .isEqualTo("succeeded");
      }
    }
    for (int i = 0; i < 8; i++) {
      http.post(
              "/v1/sweeps",
              "{\"job\": %s, \"parameters\": {\"/training/batch_size\": [4]}, \"objective\": \"val_loss\"}"
                  .formatted(free))
          .expect(202);
    }
    String impossible = job.formatted(5, "");
    assertThat(http.post("/v1/jobs", impossible).expect(422).json().get("errors"))
        .isEqualTo(Http.given(validate(impossible).get("errors")));
  }

  /** The pointer of such a member is that of its object. */
  @Test
  void memberWithAVeryLongNameHidesNoOtherFault() {
    String name = "9".repeat(400);
    String body =
        "{\"model\": %s, \"training\": {\"loss\": \"mse\", \"epochs\": -1}, \"%s\": {}}"
            .formatted(MODEL.replaceFirst("\\{", "{\"" + name + "\": 1, "), name);
    assertThat(validate(body).get("errors").findValuesAsString("pointer"))
        .contains("", "/model", "/training/epochs");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "|, \"early_stopping\": {\"monitor\": \"val_loss\", \"patience\": 2}|",
        "|, \"monitor\": \"val_rmse\"|",
        "|, \"publish\": \"best\"|",
        ", \"split\": {\"validation\": 0.01}||",
        ", \"validation_dataset\": {\"name\": \"nowhere\"}||",
        ", \"where\": \"nothing > 1\"||",
        "||, \"priority\": 999",
        "||, \"resources\": {\"pool\": \"none\"}",
        "||, \"resources\": {\"device\": \"cuda\"}",
        "||, \"initial_weights\": {\"version\": 77}",
        "||, \"on_success\": {\"alias\": \"a\", \"when\": {\"val_loss\": {\"max\": 1}}}",
      })
  void whatJobsRefuseValidationRefuses(String members) {
    String[] parts = members.split("\\|", 3);
    for (String model : List.of(MODEL, MODEL.replace("wide\"]", "wider\"]"))) {
      String job = JOB.formatted(model, parts[0], parts[1], parts[2]);

      JsonNode answer = validate(job);

      assertThat(answer.get("valid").booleanValue()).isFalse();
      assertThat(http.post("/v1/jobs", job).expect(422).json().get("errors"))
          .isEqualTo(Http.given(answer.get("errors")));
    }
  }

  @Test
  void storingAModelSaysWhatValidationSays() {
    String stored = MODEL.replace("reviewed", "reviewed-stored");
    JsonNode warnings = validate("{\"model\": " + stored + "}").get("warnings");
    assertThat(warnings.findValuesAsString("code"))
        .containsExactly("linear_stack", "shapes_without_dataset");
    assertThat(withoutPrefix(warnings, "/model"))
        .isEqualTo(
            withoutPrefix(http.post("/v1/models", stored).expect(201).json().get("warnings"), ""));
    assertThat(http.get("/v1/models/reviewed-stored").json().has("warnings")).isFalse();

    String faulty =
        MODEL
            .replace("[\"narrow\", \"wide\"]", "[\"narrow\", \"wide\"], \"shape\": [3, 3]")
            .replace("\"dense\", \"units\": 2", "\"conv2d\", \"filters\": 1, \"kernel_size\": 2");
    JsonNode errors = validate("{\"model\": " + faulty + "}").get("errors");
    assertThat(errors.isEmpty()).isFalse();
    assertThat(withoutPrefix(http.post("/v1/models", faulty).expect(422).json().get("errors"), ""))
        .isEqualTo(withoutPrefix(errors, "/model"));
  }

  @Test
  void importingAVersionSaysWhatValidationSays() {
    String raw =
        """
        {"name": "reviewed-import", "network": {"inputs": {"x": {"shape": [4]}}, "layers": [
          {"type": "activation", "function": "relu", "name": "unused"},
          {"type": "activation", "function": "%s", "inputs": ["x"]}]}}
        """;
    JsonNode warnings = validate("{\"model\": " + raw.formatted("tanh") + "}").get("warnings");
    assertThat(warnings.findValuesAsString("code")).containsExactly("unused_layer");
    assertThat(withoutPrefix(imported(raw.formatted("tanh"), 201).get("warnings"), "/spec"))
        .isEqualTo(withoutPrefix(warnings, "/model"));

    JsonNode errors = validate("{\"model\": " + raw.formatted("tan") + "}").get("errors");
    assertThat(withoutPrefix(imported(raw.formatted("tan"), 422).get("errors"), "/spec"))
        .isEqualTo(withoutPrefix(errors, "/model"));
  }

  private JsonNode imported(String spec, int status) {
    return new Multipart()
        .part("spec", spec)
        .post(http, "/v1/models/reviewed-import/versions")
        .expect(status)
        .json();
  }

  private JsonNode validate(String body) {
    return http.post("/v1/models:validate", body).expect(200).json();
  }

  /** Pointers and details. */
  private static List<String> withoutPrefix(JsonNode faults, String prefix) {
    List<String> texts = new ArrayList<>();
    for (JsonNode fault : faults) {
      String pointer = fault.get("pointer").stringValue();
      assertThat(pointer).startsWith(prefix);
      texts.add(pointer.substring(prefix.length()) + " " + fault.get("detail").stringValue());
    }
    return texts;
  }
}
