package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.dataset.recipe.RecipeExpansion;
import io.trainyard.dataset.recipe.TableProfile;
import io.trainyard.engine.Golden;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.SpecReader;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What recipes write trains step by step as PyTorch does by the papers. */
class RecipeLossesTest {
  static List<JsonNode> cases() {
    return Golden.read("recipes.json").get("cases").valueStream().toList();
  }

  private static Column numbers(String name) {
    return new Column(
        name,
        ColumnType.NUMBER,
        null,
        false,
        new ColumnProfile(0, 48, -1.0, 1.0, 0.0, 1.0, null, List.of(), List.of(), null));
  }

  private static RecipeExpansion expansion(String recipe, int outputs) {
    boolean series = recipe.equals("series");
    List<Column> columns = new ArrayList<>();
    columns.add(
        outputs == 1
            ? numbers("y")
            : new Column(
                "y",
                ColumnType.STRING,
                null,
                false,
                new ColumnProfile(
                    0, outputs, "a", "c", null, null, null, List.of(), List.of(), null)));
    for (int i = 0; i < (series ? 1 : 5); i++) {
      columns.add(numbers("x" + i));
    }
    String settings =
        switch (recipe) {
          case "mlp" -> ", \"depth\": 2, \"dropout\": 0";
          case "realmlp" -> ", \"depth\": 2, \"dropout\": 0, \"frequencies\": 4";
          case "tabm" ->
              ", \"depth\": 2, \"dropout\": 0, \"members\": 3"
                  + (outputs == 1 ? ", \"frequencies\": 4" : "");
          default -> ", \"window\": 6, \"horizon\": 3, \"dropout\": 0";
        };
    JsonNode model =
        StrictJson.parse(
            "{\"name\": \"m\", \"targets\": {\"y\": {\"column\": \"y\"}}, \"network\": {\"recipe\": \"%s\", \"units\": 6%s}}"
                .formatted(recipe, settings));
    JsonNode training =
        StrictJson.parse(
            "{\"epochs\": 12, \"batch_size\": 48, \"shuffle\": false, \"seed\": 1, \"metrics\":"
                + " []}");
    Violations violations = new Violations();
    SpecReader.ReadModel read = SpecReader.readable(model, "", violations);
    RecipeExpansion expansion =
        RecipeExpansion.of(
            model,
            read.spec(),
            Objects.requireNonNull(read.recipe()),
            training,
            new TableProfile(48, columns, List.of(), Set.of(), false),
            violations);
    violations.throwIfAny();
    return Objects.requireNonNull(expansion);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyStepHasPyTorchsLoss(JsonNode given) {
    RecipeExpansion expansion =
        expansion(given.get("recipe").stringValue(), given.get("outputs").intValue());
    String input = expansion.model().get("inputs").propertyNames().iterator().next();
    HostTensor x = Golden.tensor(given.get("x"));
    HostTensor y = Golden.tensor(given.get("y"));
    Subset rows = new Subset(x.shape().axis(0), Map.of(input, x), Map.of("y", y));
    Recorder recorder = new Recorder();

    Trainings.run(expansion.model().toString(), expansion.training().toString(), rows)
        .startingFrom(Golden.tensors(given.get("weights")))
        .finish(recorder);

    JsonNode losses = given.get("losses");
    for (int step = 0; step < losses.size(); step++) {
      double expected = losses.get(step).doubleValue();
      assertThat(Trainings.value(recorder.epochs.get(step), "loss"))
          .as("loss of step %d", step + 1)
          .isCloseTo(expected, Offset.offset(2e-4 * Math.max(1, expected)));
    }
  }
}
