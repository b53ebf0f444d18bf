package io.trainyard.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.SumNetwork;
import java.util.List;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * A job of a bound caller that names things of its own, of others and of nobody at random, with
 * some priority: what validate says of it, and what a submission answers.
 */
@Timeout(120)
class ValidatedRightsHttpTest extends KeyedService {
  private static final int JOBS = 60;
  private static final int MAX_PRIORITY = 3;
  private static final List<String> KINDS = List.of("own", "own", "own", "foreign", "absent");

  private final Random random = new Random(27);

  private String name() {
    return "rights-" + KINDS.get(random.nextInt(KINDS.size()));
  }

  private boolean chance() {
    return random.nextInt(4) == 0;
  }

  private String model() {
    if (chance()) {
      return '"' + name() + "-net\"";
    }
    String first =
        chance()
            ? "{\"type\": \"model\", \"ref\": \"" + name() + "@1\", \"outputs\": [\"o\"]}"
            : "{\"type\": \"dense\", \"units\": 2}";
    return """
    {"name": "%s-net", "network": {"layers": [%s,
      {"type": "dense", "name": "y", "units": 1}]},
     "inputs": {"x": {"columns": ["x1", "x2"]}}, "targets": {"y": {"column": "y"}}}"""
        .formatted(name(), first);
  }

  private String job() {
    StringBuilder job = new StringBuilder();
    job.append("{\"model\": ").append(model());
    job.append(", \"dataset\": {\"name\": \"").append(name()).append('"');
    if (chance()) {
      job.append(", \"validation_dataset\": {\"name\": \"").append(name()).append("\"}");
    }
    job.append("}, \"training\": {\"loss\": \"mse\", \"epochs\": 1}");
    if (chance()) {
      job.append(", \"initial_weights\": {\"model\": \"").append(name());
      job.append("-net\", \"version\": 1}");
    }
    if (chance()) {
      job.append(", \"priority\": ").append(MAX_PRIORITY - 2 + random.nextInt(5));
    }
    if (chance()) {
      job.append(", \"on_success\": {\"alias\": \"production\"}");
    }
    return job.append('}').toString();
  }

  private Http bound(String scopes) {
    return as(
        makeKey(
                """
                "scopes": [%s], "max_priority": %d,
                "models": ["rights-own*"], "datasets": ["rights-own*"]"""
                    .formatted(scopes, MAX_PRIORITY))
            .get("key")
            .stringValue());
  }

  private static List<String> texts(JsonNode validation, String member) {
    return StreamSupport.stream(validation.get("errors").spliterator(), false)
        .map(error -> error.get(member).stringValue())
        .toList();
  }

  @Test
  void whatIsValidIsAccepted() {
    for (String kind : List.of("own", "foreign")) {
      admin().upload("rights-" + kind, "x1,x2,y\n" + "0,1,1\n1,0,2\n".repeat(4));
      SumNetwork.importAs(admin(), "rights-" + kind + "-net");
    }
    List<Http> callers =
        List.of(
            bound("\"read\", \"jobs:write\", \"models:write\", \"aliases:write\""),
            bound("\"read\", \"jobs:write\""));
    int valid = 0;
    for (int i = 0; i < JOBS; i++) {
      Http caller = callers.get(chance() ? 1 : 0);
      String job = job();
      JsonNode validation = caller.post("/v1/models:validate", job).expect(200).json();
      Answer answer = caller.post("/v1/jobs", job);
      String said = job + "\n" + validation + "\n" + answer;
      assertThat(answer.status() == 202).as(said).isEqualTo(validation.get("valid").asBoolean());
      switch (answer.status()) {
        case 202 -> valid++;
        case 403 ->
            assertThat(texts(validation, "detail"))
                .as(said)
                .contains(answer.json().get("detail").stringValue());
        default -> assertThat(answer.pointers()).as(said).isSubsetOf(texts(validation, "pointer"));
      }
      if (!answer.text().contains("is bound to")) {
        // Without other faults, an error tells nobody whether what it names exists.
        assertThat(caller.post("/v1/models:validate", job.replace("foreign", "absent")).text())
            .as(said)
            .isEqualTo(validation.toString().replace("foreign", "absent"));
      }
    }
    assertThat(valid).isBetween(JOBS / 10, JOBS / 2);
  }
}
