package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.trainyard.Cases;
import io.trainyard.api.docs.Places.Place;
import io.trainyard.engine.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.JsonNodeException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The schemas take what the readers take, and refuse nothing that a reader takes. */
@Tag("long")
class JsonSchemasTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /** How many faults a reader sees at a glance. */
  private static final int MOST_FAULTS = 5;

  private static final String UNCOMPARABLE = "?";

  private static final Map<String, Schema> SCHEMAS = schemas();

  private static Map<String, Schema> schemas() {
    Map<String, Schema> schemas = new LinkedHashMap<>();
    for (String name : Reference.SCHEMAS.keySet()) {
      schemas.put(name, REGISTRY.getSchema(Reference.schema(name)));
    }
    return schemas;
  }

  /** Where a validator sees faults, and what it says about them. */
  private static List<Fault> faults(String schema, JsonNode body) {
    try {
      return Objects.requireNonNull(SCHEMAS.get(schema)).validate(body).stream()
          .map(error -> new Fault(error.getInstanceLocation().toString(), error.getMessage()))
          .toList();
    } catch (JsonNodeException e) {
      // The validator cannot compare a number that no long holds with a limit for integers.
      return List.of(new Fault(UNCOMPARABLE, String.valueOf(e.getMessage())));
    }
  }

  private record Fault(String place, String message) {}

  @Test
  void schemasAreSchemas() {
    Schema meta =
        REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    for (String name : Reference.SCHEMAS.keySet()) {
      assertThat(meta.validate(Reference.schema(name).toString(), InputFormat.JSON)).isEmpty();
    }
  }

  @Test
  void everyExampleFits() {
    examples().forEach(place -> assertThat(faults(place.schema(), place.body())).isEmpty());
  }

  /** Every described thing in its place, and the examples of whole bodies. */
  private static List<Place> examples() {
    List<Place> examples = new ArrayList<>(Places.examples());
    Set<String> kinds =
        Set.of("layer", "activation", "initializer", "optimizer", "loss", "metric", "schedule");
    Reference.descriptions().all().stream()
        .filter(type -> kinds.contains(type.kind()))
        .map(Places::of)
        .forEach(examples::add);
    examples.addAll(Places.ofObjects().values());
    return examples;
  }

  @Test
  void everyGoldenSpecFits() {
    Stream.of(
            "curves.json", "classical.json", "optimizers.json", "searches.json", "perceptron.json")
        .flatMap(file -> Golden.read(file).get("nets").valueStream())
        .forEach(
            net -> {
              assertThat(faults("model", model(net.get("layers")))).isEmpty();
              for (JsonNode curve : net.get("curves")) {
                ObjectNode training = JSON.createObjectNode().put("loss", "mse").put("epochs", 1);
                training.set("optimizer", curve.get("optimizer"));
                assertThat(faults("training", training)).as(training.toString()).isEmpty();
              }
            });
    Golden.layerCases()
        .forEach(
            json -> {
              ObjectNode model = JSON.createObjectNode().put("name", "golden");
              model.set("network", json.get("network"));
              assertThat(faults("model", model)).as(model.toString()).isEmpty();
            });
    Stream.of("training.json", "losses.json")
        .flatMap(file -> Golden.read(file).get("cases").valueStream())
        .forEach(
            json -> {
              assertThat(faults("model", model(json.get("layers")))).isEmpty();
              ObjectNode training = (ObjectNode) json.get("training").deepCopy();
              training.put("epochs", 1);
              assertThat(faults("training", training)).as(training.toString()).isEmpty();
            });
    for (JsonNode json : Golden.read("schedules.json").get("cases")) {
      ObjectNode training = JSON.createObjectNode().put("loss", "mse").put("epochs", 1);
      training.set("learning_rate_schedule", json.get("schedule"));
      assertThat(faults("training", training)).as(training.toString()).isEmpty();
    }
  }

  private static ObjectNode model(JsonNode layers) {
    ObjectNode model = JSON.createObjectNode().put("name", "golden");
    model.putObject("network").set("layers", layers);
    return model;
  }

  @Test
  void everyShippedExampleFits() throws IOException {
    int checked = 0;
    try (Stream<Path> files = Files.walk(Path.of("src/examples"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".json")).toList()) {
        JsonNode json = JSON.readTree(Files.readString(file));
        String schema =
            json.has("network")
                ? "model"
                : json.has("training") ? "job" : json.has("instances") ? "predict" : "";
        if (!schema.isEmpty()) {
          assertThat(faults(schema, json)).as(file.toString()).isEmpty();
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThan(30);
  }

  /** What an editor marks as wrong is wrong, and it marks the mistake. */
  @Test
  void whatASchemaRefusesTheReaderRefuses() {
    int mutations = 0;
    int refused = 0;
    List<String> tooStrict = new ArrayList<>();
    List<String> unclear = new ArrayList<>();
    for (Place place : examples()) {
      for (SingleMutations.Mutation mutation : Cases.sample(SingleMutations.of(place.body()), 4)) {
        mutations++;
        List<Fault> faults = faults(place.schema(), mutation.body());
        if (!faults.isEmpty()) {
          refused++;
          String what = place.schema() + " " + mutation.change() + ": " + faults;
          if (!Readers.read(place.schema(), mutation.body()).isRefused()) {
            tooStrict.add(what);
          }
          if (!isClear(faults, mutation)) {
            unclear.add(what);
          }
        }
      }
    }
    System.out.printf("%d mutations, %d refused by the schemas%n", mutations, refused);
    assertThat(tooStrict).isEmpty();
    assertThat(unclear).isEmpty();
    assertThat(refused).isGreaterThan(mutations / 2);
  }

  /** Whether there are few faults for one mistake, the first of them at its place. */
  private static boolean isClear(List<Fault> faults, SingleMutations.Mutation mutation) {
    String first = faults.getFirst().place();
    String place = mutation.place();
    // A null counts as missing from the object around it.
    boolean isMissing =
        mutation.body().at(place).isNull()
            && first.equals(place.substring(0, place.lastIndexOf('/')));
    return faults.size() <= MOST_FAULTS
        && (first.equals(place)
            || first.startsWith(place + "/")
            || first.equals(UNCOMPARABLE)
            || isMissing);
  }

  @Test
  void aTrainingWithoutALossIsRefused() {
    JsonNode training = JSON.readTree("{\"epochs\": 3}");
    assertThat(faults("training", training)).extracting(Fault::place).containsOnly("");
    for (String loss : List.of("loss", "losses", "phases")) {
      ObjectNode without = ((ObjectNode) training.deepCopy()).putNull(loss);
      assertThat(faults("training", without)).as(loss).isNotEmpty();
    }
  }

  @Test
  void everyMemberIsDescribed() {
    for (String name : Reference.SCHEMAS.keySet()) {
      checkDescribed(Reference.schema(name), name);
    }
  }

  private static void checkDescribed(JsonNode schema, String at) {
    for (var part : schema.properties()) {
      String place = at + "/" + part.getKey();
      if (part.getKey().equals("properties") && !isCondition(at)) {
        for (var member : part.getValue().properties()) {
          assertThat(member.getValue().path("description").asString(""))
              .as(place + "/" + member.getKey())
              .endsWith(".");
        }
      }
      checkDescribed(part.getValue(), place);
    }
    if (schema.isArray()) {
      for (int i = 0; i < schema.size(); i++) {
        checkDescribed(schema.get(i), at + "/" + i);
      }
    }
  }

  /** Whether its members are only tested: an "if", or one of the alternatives that it must have. */
  private static boolean isCondition(String at) {
    return at.endsWith("/if") || at.matches(".*/anyOf/[0-9]+") || at.endsWith("/properties");
  }

  @Test
  void aSchemaIsAllowedInABody() {
    ObjectNode model = Places.examples().getFirst().body().deepCopy();
    model.put("$schema", "http://localhost:8080/v1/schema/model");
    assertThat(faults("model", model)).isEmpty();
  }
}
