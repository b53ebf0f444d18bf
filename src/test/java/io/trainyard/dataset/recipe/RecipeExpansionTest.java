package io.trainyard.dataset.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.check.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RecipeExpansionTest {
  private static final String WITHOUT_EFFECT = "setting_without_effect";
  private static final Column Y = column("y", ColumnType.NUMBER, 0, 500);

  private static Column column(String name, ColumnType type, long nulls, long distinct) {
    return new Column(
        name,
        type,
        null,
        false,
        new ColumnProfile(nulls, distinct, 0.0, 1.0, null, null, null, List.of(), List.of(), null));
  }

  private static @Nullable RecipeExpansion expand(
      String model, long rows, List<Column> columns, Violations violations) {
    JsonNode json = StrictJson.parse(model);
    SpecReader.ReadModel read = SpecReader.readable(json, "/model", violations);
    return RecipeExpansion.of(
        json,
        read.spec(),
        Objects.requireNonNull(read.recipe()),
        null,
        new TableProfile(rows, columns, List.of(), Set.of("weight"), true),
        violations);
  }

  private static RecipeExpansion expand(String model, Column... others) {
    List<Column> columns = new ArrayList<>(List.of(others));
    columns.add(Y);
    Violations violations = new Violations();
    RecipeExpansion expansion = expand(model, 5_000, columns, violations);
    violations.throwIfAny();
    return Objects.requireNonNull(expansion);
  }

  private static String model(String rest) {
    return "{\"name\": \"m\", \"targets\": {\"y\": {\"column\": \"y\"}}" + rest + "}";
  }

  private static List<String> types(RecipeExpansion expansion) {
    return expansion.model().at("/network/layers").findValuesAsString("type").stream()
        .filter(type -> !type.equals("coslog"))
        .toList();
  }

  @Test
  void columnsAreSortedByWhatTheyHold() {
    RecipeExpansion expansion =
        expand(
            model(""),
            column("n", ColumnType.INTEGER, 3, 40),
            column("few", ColumnType.STRING, 1, 8),
            column("ten", ColumnType.STRING, 1, 9),
            column("flag", ColumnType.BOOLEAN, 0, 2),
            column("key", ColumnType.STRING, 0, 4_999),
            column("weight", ColumnType.NUMBER, 0, 9));

    assertThat(expansion.model().get("inputs").toString())
        .isEqualTo(
            "{\"numbers\":{\"columns\":[\"n\"],\"scale\":\"robust\",\"impute\":\"median\",\"missing_indicator\":true},"
                + "\"categories\":{\"columns\":[\"few\",\"flag\"],\"encode\":\"auto\",\"unknown\":\"zeros\"},"
                + "\"ten\":{\"columns\":[\"ten\"],\"encode\":\"auto\"}}");
    assertThat(types(expansion))
        .startsWith("periodic_embedding", "embedding", "flatten", "concat", "feature_scale")
        .endsWith("dense");
    assertThat(expansion.warnings()).extracting(Warning::code).containsExactly("column_left_out");
    assertThat(expansion.model().at("/targets/y").toString())
        .isEqualTo("{\"column\":\"y\",\"scale\":\"standard\",\"clip\":\"seen\"}");
  }

  @Test
  void theSameTableGivesTheSameModel() {
    Column x = column("x", ColumnType.NUMBER, 0, 500);

    assertThat(expand(model(""), x))
        .isEqualTo(expand(model(", \"network\": {\"recipe\": \"auto\"}"), x));
  }

  @Test
  void aVeryWideTableHasNoWavesAndIsWarnedOf() {
    Column[] wide = new Column[20_000];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = column("x" + i, ColumnType.NUMBER, 0, 500);
    }

    RecipeExpansion expansion = expand(model(""), wide);

    assertThat(expansion.warnings()).extracting(Warning::code).containsExactly("many_columns");
    assertThat(types(expansion)).startsWith("feature_scale").doesNotContain("periodic_embedding");
  }

  @Test
  void fewRowsGetAnEnsembleThatStopsEarly() {
    List<Column> columns = List.of(column("x", ColumnType.NUMBER, 0, 500), Y);

    RecipeExpansion few =
        Objects.requireNonNull(expand(model(""), 4_999, columns, new Violations()));

    assertThat(types(few))
        .startsWith("periodic_embedding", "ensemble_dense")
        .endsWith("ensemble_dense", "average_members");
    assertThat(types(Objects.requireNonNull(expand(model(""), 5_000, columns, new Violations()))))
        .startsWith("periodic_embedding", "feature_scale");
  }

  @Test
  void anEnsembleForClassesHasNoWaves() {
    List<Column> columns =
        List.of(column("x", ColumnType.NUMBER, 0, 500), column("y", ColumnType.STRING, 0, 3));
    String waves = model(", \"network\": {\"recipe\": \"tabm\", \"frequencies\": 8}");

    assertThat(types(Objects.requireNonNull(expand(model(""), 4_999, columns, new Violations()))))
        .startsWith("ensemble_dense");
    assertThat(types(Objects.requireNonNull(expand(waves, 4_999, columns, new Violations()))))
        .startsWith("periodic_embedding", "ensemble_dense");
  }

  @Test
  void frequenciesOfWavesAreAsWideAsAsked() {
    List<Column> columns =
        List.of(column("x", ColumnType.NUMBER, 0, 500), column("y", ColumnType.STRING, 0, 3));
    String wide = model(", \"network\": {\"recipe\": \"tabm\", \"sigma\": 1}");

    RecipeExpansion expansion =
        Objects.requireNonNull(expand(wide, 4_999, columns, new Violations()));

    assertThat(types(expansion)).startsWith("periodic_embedding", "ensemble_dense");
    assertThat(expansion.model().at("/network/layers/0/sigma").doubleValue()).isEqualTo(1);
    assertThat(expansion.warnings()).extracting(Warning::code).doesNotContain(WITHOUT_EFFECT);
  }

  @Test
  void aWidthOfNoWavesIsNotIgnoredInSilence() {
    String none =
        model(", \"network\": {\"recipe\": \"realmlp\", \"frequencies\": 0, \"sigma\": 1}");

    RecipeExpansion expansion = expand(none, column("x", ColumnType.NUMBER, 0, 500));

    assertThat(expansion.warnings())
        .filteredOn(warning -> warning.code().equals(WITHOUT_EFFECT))
        .extracting(Warning::pointer)
        .containsExactly("/model/network/sigma");
  }

  @Test
  void noWavesCanBeAskedFor() {
    String none = model(", \"network\": {\"recipe\": \"realmlp\", \"frequencies\": 0}");

    assertThat(types(expand(none, column("x", ColumnType.NUMBER, 0, 500))))
        .startsWith("feature_scale");
  }

  @Test
  void anEnsembleForFewRowsIsNarrow() {
    List<Column> columns = List.of(column("x", ColumnType.NUMBER, 0, 500), Y);
    String tabm = model(", \"network\": {\"recipe\": \"tabm\"}");

    assertThat(List.of(499, 500, 4_999, 5_000))
        .extracting(
            rows ->
                Objects.requireNonNull(expand(tabm, rows, columns, new Violations()))
                    .model()
                    .at("/network/layers/1/units")
                    .intValue())
        .containsExactly(64, 128, 128, 512);
  }

  @Test
  void earlyStoppingNeedsRowsForValidation() {
    JsonNode training =
        expand(
                model(", \"network\": {\"recipe\": \"tabm\"}"),
                column("x", ColumnType.NUMBER, 0, 500))
            .training();

    assertThat(training.at("/early_stopping/patience").intValue()).isEqualTo(16);
  }

  @Test
  void noColumnThatTheCallersStarTakesIsCalledLeftOut() {
    RecipeExpansion expansion =
        expand(
            "{\"name\": \"m\", \"inputs\": {\"x\": {\"columns\": \"*\", \"scale\": \"minmax\"}},"
                + " \"targets\": {\"y\": {\"column\": \"y\"}}, \"network\": {\"recipe\": \"mlp\"}}",
            column("a", ColumnType.NUMBER, 0, 40),
            column("same", ColumnType.NUMBER, 0, 1));

    assertThat(expansion.model().at("/inputs/x/columns").toString()).isEqualTo("\"*\"");
    assertThat(expansion.warnings()).isEmpty();
  }

  @Test
  void aForecastFromOtherColumnsSeesTheirLevel() {
    String given =
        "{\"name\": \"m\", \"inputs\": {\"x\": {\"columns\": [\"%s\"], \"window\": 5%s}},"
            + " \"targets\": {\"y\": {\"column\": \"y\"}}, \"network\": {\"recipe\": \"series\"}}";
    Column x = column("x", ColumnType.NUMBER, 0, 500);

    assertThat(types(expand(given.formatted("y", ""), x))).doesNotContain("concat");
    assertThat(types(expand(given.formatted("x", ""), x))).contains("concat");
    assertThat(types(expand(given.formatted("y", ", \"scale\": \"minmax\""), x)))
        .contains("concat");
  }

  @Test
  void nothingToPredictFromIsAFault() {
    Violations violations = new Violations();

    assertThat(
            expand(
                model(""), 500, List.of(Y, column("weight", ColumnType.NUMBER, 0, 9)), violations))
        .isNull();
    assertThat(violations.list()).extracting(Violation::pointer).containsExactly("/model");
  }

  @Test
  void rowsOfATableAndWindowsHaveRecipesOfTheirOwn() {
    Violations violations = new Violations();
    String given =
        "{\"name\": \"m\", \"inputs\": {\"x\": {\"columns\": [\"x\"], \"window\": 5}}, \"targets\":"
            + " {\"y\": {\"column\": \"y\", \"offset\": 1}}, \"network\": {\"recipe\": \"mlp\"}}";
    List<Column> columns = List.of(column("x", ColumnType.NUMBER, 0, 500), Y);

    assertThat(expand(given, 500, columns, violations)).isNull();
    assertThat(violations.list())
        .extracting(Violation::pointer)
        .containsExactly("/model/inputs/x/window", "/model/targets/y/offset");
    RecipeExpansion series =
        Objects.requireNonNull(
            expand(given.replace("mlp", "auto"), 500, columns, new Violations()));
    assertThat(types(series)).startsWith("last_step", "repeat", "subtract");
  }
}
