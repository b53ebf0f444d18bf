package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The networks and losses of several layers that the reference shows are valid jobs. */
@ServiceTest
@Timeout(120)
class LayerPatternsTest {
  private static final Path FOLDER = Path.of("src/docs/reference");
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern BLOCK = Pattern.compile("(?s)```json\\n(.*?)\\n```");

  @Autowired private Http http;

  @ParameterizedTest
  @ValueSource(strings = {"layers", "layers-attention", "layers-noise"})
  void shownNetworkIsValid(String page) throws Exception {
    ObjectNode training = (ObjectNode) JSON.readTree("{\"loss\": \"mse\"}");
    JsonNode model = null;
    for (JsonNode shown : blocks(page)) {
      model = shown.has("network") ? shown : model;
      training = shown.has("losses") ? (ObjectNode) shown : training;
    }
    assertThat(model).as("a network on the page").isNotNull();
    if (page.equals("layers")) {
      training.put("loss", "categorical_crossentropy");
    }
    assertValid(Objects.requireNonNull(model), training);
  }

  @Test
  void lossOfTwoUnitsIsValid() throws Exception {
    JsonNode model =
        JSON.readTree(
            """
            {"inputs": {"x": {"columns": ["sepal_length"]}},
             "targets": {"y": {"columns": ["petal_length", "petal_width"]}},
             "network": {"layers": [{"type": "dense", "units": 2}]}}
            """);
    assertValid(model, blocks("functions").getFirst());
  }

  private void assertValid(JsonNode model, JsonNode training) {
    http.sample("iris");
    ObjectNode job = JSON.createObjectNode();
    job.set("model", ((ObjectNode) model).put("name", "shown"));
    job.putObject("dataset").put("name", "iris");
    job.set("training", ((ObjectNode) training).put("epochs", 2));
    JsonNode answer =
        http.send(
                "POST",
                "/v1/models:validate",
                Http.utf8(job.toString()),
                "Content-Type",
                "application/json")
            .expect(200)
            .json();
    assertThat(answer.get("valid").booleanValue()).as(answer.toString()).isTrue();
    assertThat(answer.get("warnings")).isEmpty();
  }

  private static List<JsonNode> blocks(String page) throws Exception {
    List<JsonNode> blocks = new ArrayList<>();
    for (MatchResult block :
        BLOCK.matcher(Files.readString(FOLDER.resolve(page + ".md"))).results().toList()) {
      blocks.add(JSON.readTree(block.group(1)));
    }
    return blocks;
  }
}
