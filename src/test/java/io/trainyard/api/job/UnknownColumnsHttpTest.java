package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A job in which one name of a column is misspelt, wherever it names one. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnknownColumnsHttpTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Set<String> COLUMNS =
      Set.of("day", "shop", "sales", "visits", "kind", "part", "weight", "event");
  private static final String ABSENT = "null";

  @Autowired private Http http;

  @BeforeAll
  void upload() {
    StringBuilder rows =
        new StringBuilder("day,shop,sales,visits,kind,part,weight,event,read_by_none\n");
    for (int i = 0; i < 120; i++) {
      rows.append("2024-%02d-%02d,shop%d,".formatted(1 + i / 56, 1 + i / 2 % 28, i % 2))
          .append("%d.5,%d,".formatted(i * 7 % 31, i * 11 % 43))
          .append("kind%d,%s,".formatted(i % 3, i % 4 == 0 ? "validation" : "training"))
          .append("%d,%d,%d\n".formatted(1 + i % 5, i % 2, i % 9));
    }
    http.upload("unknown-columns", rows.toString());
  }

  /** The network, the input, the target, the split and the training of jobs that are valid. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          null | {"columns": ["visits", "weight"]} | {"column": "sales"} | {} | {}
          null | {"columns": ["visits", "weight"]} | {"column": "kind"} | {} | {}
          {"recipe": "mlp"} | {"columns": ["visits"]} | {"column": "kind", "type": "class"} | {} | {}
          {"recipe": "realmlp"} | {"columns": ["visits"]} | {"column": "kind", "type": "class"} | {"validation": 0.2, "stratify": "kind"} | {}
          {"recipe": "tabm"} | {"columns": ["visits", "shop"]} | {"columns": ["sales", "event"], "type": "survival"} | {} | {}
          {"recipe": "auto"} | {"columns": ["visits"]} | {"columns": ["sales", "event"]} | {"by": "column", "column": "part"} | {}
          null | {"columns": ["visits"]} | {"column": "sales"} | {"validation": 0.2, "by": "group", "group": "shop"} | {"sample_weight": "weight"}
          {"recipe": "series", "window": 5, "group": "shop", "order_by": "day"} | null | {"column": "sales"} | {} | {}
          {"recipe": "series", "window": 5, "group": "shop", "order_by": "day"} | {"columns": ["sales", "visits"]} | {"column": "sales"} | {} | {}
          {"recipe": "series"} | {"column": "sales", "window": {"length": 5, "group": "shop", "order_by": "day"}} | {"column": "sales", "offset": 2} | {} | {}
          {"layers": [{"type": "dense", "units": 1}]} | {"columns": ["visits", "weight"]} | {"column": "sales"} | {} | {"loss": "mse", "epochs": 1, "optimizer": {"type": "adam"}}
          """)
  void isToldOnceWithTheColumnsThereAre(
      String network, String input, String target, String split, String training) {
    for (String where : List.of("", "visits > 1")) {
      ObjectNode body = body(network, input, target, split, training);
      if (!where.isEmpty()) {
        ((ObjectNode) body.get("dataset")).put("where", where);
      }
      assertThat(errors(body)).as(body.toString()).isEmpty();
      List<String> places = new ArrayList<>();
      addPlaces(body, "", places);
      assertThat(places).hasSizeGreaterThan(1 + (where.isEmpty() ? 0 : 1));
      for (String place : places) {
        ObjectNode wrong = body.deepCopy();
        JsonNode parent = wrong.at(place.substring(0, place.lastIndexOf('/')));
        String last = place.substring(place.lastIndexOf('/') + 1);
        String name = wrong.at(place).stringValue();
        String read = name.equals(where) ? "visits" : name;
        String misspelt = name.replace(read, read + "_");
        if (parent instanceof ArrayNode list) {
          list.set(Integer.parseInt(last), JSON.getNodeFactory().stringNode(misspelt));
        } else {
          ((ObjectNode) parent).put(last, misspelt);
        }

        JsonNode errors = errors(wrong);
        assertThat(errors).as(place + " of " + wrong + ": " + errors).hasSize(1);
        assertThat(errors.at("/0/pointer").stringValue()).isEqualTo(place);
        assertThat(errors.at("/0/detail").stringValue())
            .contains("did you mean '" + read + "'?", "the dataset has ", "read_by_none");
        assertThat(http.post("/v1/jobs", wrong.toString()).expect(422).json().get("errors"))
            .isEqualTo(errors);
      }
    }
  }

  private JsonNode errors(ObjectNode body) {
    return http.post("/v1/models:validate", body.toString()).expect(200).json().get("errors");
  }

  private static ObjectNode body(
      String network, String input, String target, String split, String training) {
    ObjectNode body = JSON.createObjectNode();
    ObjectNode dataset = body.putObject("dataset").put("name", "unknown-columns");
    if (!split.equals("{}")) {
      dataset.set("split", JSON.readTree(split));
    }
    ObjectNode model = body.putObject("model").put("name", "unknown-columns");
    model.putObject("targets").set("t", JSON.readTree(target));
    if (!input.equals(ABSENT)) {
      model.putObject("inputs").set("x", JSON.readTree(input));
    }
    if (!network.equals(ABSENT)) {
      model.set("network", JSON.readTree(network));
    }
    if (!training.equals("{}")) {
      body.set("training", JSON.readTree(training));
    }
    return body;
  }

  /** Where a text names a column, or is a condition. */
  private static void addPlaces(JsonNode node, String pointer, List<String> places) {
    if (node.isArray()) {
      IntStream.range(0, node.size())
          .forEach(i -> addPlaces(node.get(i), pointer + "/" + i, places));
    } else if (node.isObject()) {
      node.properties()
          .forEach(member -> addPlaces(member.getValue(), pointer + "/" + member.getKey(), places));
    } else if (node.isString()
        && (COLUMNS.contains(node.stringValue()) || pointer.endsWith("/where"))) {
      places.add(pointer);
    }
  }
}
