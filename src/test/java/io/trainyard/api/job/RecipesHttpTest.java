package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Recipes: a job with a table and its target trains, and what it trains can be read and edited. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecipesHttpTest {
  private static final JsonMapper JSON = new JsonMapper();

  @Autowired private Http http;

  @BeforeAll
  void upload() {
    Random random = new Random(3);
    StringBuilder rows =
        new StringBuilder("id,when,a,b,city,garden,same,kind,price,rent,time,event\n");
    for (int i = 0; i < 120; i++) {
      double a = random.nextGaussian();
      rows.append("row%d,2024-%02d-%02dT%02d:30:00Z,".formatted(i, 1 + i % 12, 1 + i % 28, i % 24))
          .append(a)
          .append(i % 7 == 0 ? ",," : "," + random.nextInt(50) + ",")
          .append("city")
          .append(random.nextInt(12))
          .append(i % 2 == 0 ? ",true" : ",false")
          .append(",5,")
          .append(a > 0.5 ? "high" : a > -0.5 ? "middle" : "low")
          .append(",")
          .append(1000 + 100 * a)
          .append(",")
          .append(10 * a)
          .append(",")
          .append(1 + random.nextInt(9))
          .append(i % 3 == 0 ? ",true\n" : ",false\n");
    }
    http.upload("recipes", rows.toString());
    StringBuilder series = new StringBuilder("at,sales,visits,word\n");
    for (int i = 0; i < 90; i++) {
      series
          .append("2024-01-01T%02d:%02d:00Z,".formatted(i / 60, i % 60))
          .append(50 + i + 10 * Math.sin(i * Math.PI / 6))
          .append(",")
          .append(random.nextInt(9))
          .append(",w\n");
    }
    http.upload("recipes-series", series.toString());
  }

  private JsonNode validate(String body) {
    return http.post("/v1/models:validate", body).expect(200).json();
  }

  private static String job(String name, String targets, String network, String training) {
    return """
    {"model": {"name": "%s", "targets": {%s}%s}, "dataset": {"name": "recipes"}%s}
    """
        .formatted(
            name,
            targets,
            network.isEmpty() ? "" : ", \"network\": " + network,
            training.isEmpty() ? "" : ", \"training\": " + training);
  }

  @ParameterizedTest
  @ValueSource(strings = {"recepie", "Recipe", "recipes"})
  void aMisspeltRecipeIsToldOnce(String member) {
    String network = "{\"%s\": \"mlp\"}".formatted(member);
    JsonNode errors =
        validate(job("misspelt", "\"price\": {\"column\": \"price\"}", network, "")).get("errors");

    assertThat(errors).as(errors.toString()).hasSize(1);
    assertThat(errors.at("/0/pointer").stringValue()).isEqualTo("/model/network/" + member);
    assertThat(errors.at("/0/detail").stringValue()).startsWith("'recipe' was expected");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"window\": 5, \"order_by\": \"when\"} | series",
        "{\"units\": 5, \"depth\": 2} | mlp, realmlp, tabm"
      })
  void settingsWithoutTheNameOfTheirRecipeAreToldOnce(String network, String recipes) {
    JsonNode errors =
        validate(job("settings", "\"price\": {\"column\": \"price\"}", network, "")).get("errors");

    assertThat(errors).as(errors.toString()).hasSize(1);
    assertThat(errors.at("/0/pointer").stringValue()).isEqualTo("/model/network/recipe");
    assertThat(errors.at("/0/detail").stringValue()).endsWith("settings of " + recipes);
  }

  /** Its model may have a recipe, which writes what the training lacks. */
  @ParameterizedTest
  @ValueSource(strings = {"null", "\"no-such-model\"", "7"})
  void trainingOfAnUnknownModelLacksNothing(String model) {
    String body =
        "{\"model\": %s, \"dataset\": {\"name\": \"recipes\"}, \"training\": {\"epochs\": 2}}"
            .formatted(model);

    assertThat(validate(body).get("errors").findValuesAsString("pointer"))
        .containsExactly("/model");
  }

  /** A null counts as missing, so there is neither a recipe nor layers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"recipe\": null}",
        "{\"recepie\": null}",
        "{\"recipe\": null, \"data_format\": \"channels_last\"}"
      })
  void aRecipeOfNullIsNone(String network) {
    JsonNode errors =
        validate(job("null", "\"price\": {\"column\": \"price\"}", network, "")).get("errors");

    assertThat(errors.findValuesAsString("pointer"))
        .contains("/model/network/layers")
        .doesNotContain("/model/network/recipe");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"column\": \"time\"", "\"columns\": [\"event\", \"time\", \"a\"]"})
  void columnsOfASurvivalThatAreNotTwoAreToldOnce(String columns) {
    String target = "\"death\": {%s, \"type\": \"survival\"}".formatted(columns);
    JsonNode errors = validate(job("not-two", target, "", "")).get("errors");

    assertThat(errors).as(errors.toString()).hasSize(1);
    assertThat(errors.at("/0/detail").stringValue()).contains("takes two columns");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"kind\": {\"column\": \"kind\", \"type\": 1} | | | /model/targets/kind/type",
        "\"kind\": {\"column\": \"kind\"} | {\"recipe\": [\"mlp\"], \"units\": 8} |"
            + " | /model/network/recipe",
        "\"garden\": {\"column\": \"garden\", \"threshold\": {\"best\": \"f1\"}} | |"
            + " {\"ensemble\": {\"folds\": []}, \"calibration\": \"temperature\","
            + " \"intervals\": {\"coverage\": 0.9}} | /training/ensemble/folds",
        "` ` | {\"recipe\": \"mlp\"} | | /model/targets",
      })
  void oneCauseIsToldOnce(
      String targets, @Nullable String network, @Nullable String training, String pointer) {
    String body =
        job(
            "told-once",
            targets.strip(),
            Objects.requireNonNullElse(network, ""),
            Objects.requireNonNullElse(training, ""));
    JsonNode errors = validate(body).get("errors");

    assertThat(errors).as(errors.toString()).hasSize(1);
    assertThat(errors.at("/0/pointer").stringValue()).isEqualTo(pointer);
    assertThat(http.post("/v1/jobs", body).expect(422).json().get("errors")).isEqualTo(errors);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ", \"dataset\": {\"name\": \"nowhere\"}"})
  void theTrainingOfARecipeIsReadWithoutItsTable(String dataset) {
    String body =
        """
        {"model": {"name": "no-table", "targets": {"kind": {"column": "kind"}}},
         "training": {"epochs": 0, "intervals": {"coverage": 0.9, "split": {}}, "optimizer": {"learning_rate": -1}}%s}
        """
            .formatted(dataset);

    assertThat(validate(body).get("errors").findValuesAsString("pointer"))
        .contains(
            "/training/epochs", "/training/intervals/split", "/training/optimizer/learning_rate");
    String right = body.replace("0,", "5,").replace(", \"split\": {}", "").replace("-1", "0.1");
    assertThat(validate(right).get("errors").findValuesAsString("pointer"))
        .noneMatch(pointer -> pointer.startsWith("/training"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ", \"offset\": 3 | ` ` | \"horizon\": 2, \"group\": \"shop\" | /model/network/horizon |"
            + " setting_without_effect",
        "` ` | \"inputs\": {\"w\": {\"columns\": [\"sales\"], \"window\": {\"length\": 5,"
            + " \"order_by\": \"day\", \"group\": \"shop\"}}}, | \"window\": 7 |"
            + " /model/network/window | setting_without_effect",
        "` ` | ` ` | \"horizon\": 2 | /model | repeated_times",
        "` ` | ` ` | \"horizon\": 2, \"order_by\": \"day\" | /model/network/order_by |"
            + " repeated_times",
        "` ` | ` ` | \"horizon\": 2, \"group\": \"shop\" | | ",
      })
  void aSeriesSaysWhatItLeavesOutAndMixes(
      String offset,
      String inputs,
      String setting,
      @Nullable String pointer,
      @Nullable String code) {
    StringBuilder rows = new StringBuilder("day,shop,sales\n");
    for (int day = 0; day < 60; day++) {
      LocalDate at = LocalDate.of(2024, 1, 1).plusDays(day);
      rows.append("%s,a,%d\n%s,b,%d\n".formatted(at, 10 + day % 7, at, 100 + day % 5));
    }
    http.upload("recipes-shops", rows.toString());
    JsonNode answer =
        validate(
            """
            {"model": {"name": "shops", %s "targets": {"sales": {"column": "sales"%s}},
                       "network": {"recipe": "series", %s}},
             "dataset": {"name": "recipes-shops"}}
            """
                .formatted(inputs.strip(), offset.strip(), setting));

    assertThat(answer.get("errors")).as(answer.toString()).isEmpty();
    List<String> told = new ArrayList<>();
    for (JsonNode warning : answer.get("warnings")) {
      String each = warning.get("code").stringValue();
      if (List.of("setting_without_effect", "repeated_times", "uneven_times").contains(each)) {
        told.add(warning.get("pointer").stringValue() + " " + each);
      }
    }
    assertThat(told).isEqualTo(code == null ? List.of() : List.of(pointer + " " + code));
  }

  @Test
  void aJobWithATableAndItsTargetTrains() {
    String body =
        job("recipes-auto", "\"kind\": {\"column\": \"kind\"}", "", "{\"epochs\": 2, \"seed\": 1}");

    JsonNode done = http.train(body);

    assertThat(done.get("state").stringValue()).isEqualTo("succeeded");
    assertThat(done.at("/request/training/epochs").intValue()).isEqualTo(2);
    assertThat(done.at("/request/training/optimizer/type").stringValue()).isEqualTo("adamw");
    assertThat(done.at("/request/dataset/split/validation").doubleValue()).isEqualTo(0.2);
    JsonNode version = http.get("/v1/models/recipes-auto/versions/1").expect(200).json();
    assertThat(version.at("/spec/network/layers/0/type").stringValue()).isEqualTo("embedding");
    // The model itself stays as it was given.
    assertThat(http.get("/v1/models/recipes-auto").json().get("model").has("network")).isFalse();
    assertThat(
            http.get("/v1/models/recipes-auto/summary")
                .expect(200)
                .json()
                .get("parameters")
                .longValue())
        .isPositive();
    JsonNode answer =
        http.post(
                "/v1/models/recipes-auto/predict",
                "{\"instances\": [{\"when\": \"2024-02-03T04:05:06Z\", \"a\": 1.5, \"b\": null,"
                    + " \"city\": \"elsewhere\", \"garden\": true, \"price\": 1100, \"rent\": 9,"
                    + " \"time\": 3, \"event\": true}]}")
            .expect(200)
            .json();
    assertThat(answer.at("/predictions/0/probabilities").size()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "mlp, 'kind,price'",
    "realmlp, 'price'",
    "realmlp, 'kind'",
    "realmlp, 'kind,price'",
    "tabm, 'kind'",
    "tabm, 'price,rent'",
    "mlp, 'death'"
  })
  void whatARecipeWritesIsValidAndCanBeEdited(String recipe, String targets) {
    StringBuilder all = new StringBuilder();
    for (String target : targets.split(",")) {
      all.append(all.isEmpty() ? "" : ", ")
          .append(
              target.equals("death")
                  ? "\"death\": {\"columns\": [\"time\", \"event\"], \"type\": \"survival\"}"
                  : "\"%1$s\": {\"column\": \"%1$s\"}".formatted(target));
    }
    String small =
        "{\"recipe\": \"%s\", \"units\": 8, \"depth\": 2, \"embedding\": 3%s}"
            .formatted(recipe, recipe.equals("tabm") ? ", \"members\": 3" : "");
    String given = job("recipes-edited", all.toString(), small, "");

    JsonNode found = validate(given);

    assertThat(found.get("errors")).as("%s", found.get("errors")).isEmpty();
    assertThat(found.get("warnings").findValuesAsString("code"))
        .contains("recipe_split", "column_left_out");
    assertThat(found.get("warnings").findValuesAsString("detail"))
        .anyMatch(detail -> detail.contains("\"split\": {\"validation\": 0.2}"));
    ObjectNode written = JSON.createObjectNode();
    written.set("model", found.get("model"));
    written.set("training", found.get("training"));
    written.putObject("dataset").put("name", "recipes").putObject("split").put("validation", 0.2);
    assertThat(validate(written.toString()).get("errors")).isEmpty();
    JsonNode again = validate(written.toString());
    assertThat(again.get("model")).isEqualTo(found.get("model"));
    assertThat(again.get("training")).isEqualTo(found.get("training"));
    // A line of it is changed, and it trains.
    ((ObjectNode) written.get("training")).put("epochs", 1).remove("early_stopping");
    JsonNode done = http.train(written.toString());
    assertThat(done.get("state").stringValue()).as("%s", done).isEqualTo("succeeded");
  }

  @Test
  void aSeriesIsForecastFromItsWindow() {
    String body =
        """
        {"model": {"name": "recipes-forecast", "targets": {"sales": {"column": "sales"}},
                   "network": {"recipe": "series", "window": 8, "horizon": 2}},
         "dataset": {"name": "recipes-series", "split": {"validation": 0.2}}, "training": {"epochs": 3, "seed": 1}}
        """;
    JsonNode found = validate(body);
    assertThat(found.get("errors")).as("%s", found.get("errors")).isEmpty();
    assertThat(found.at("/model/inputs/window/window/order_by").stringValue()).isEqualTo("at");
    assertThat(found.at("/model/targets/sales/offset").intValue()).isEqualTo(2);

    JsonNode done = http.train(body);

    assertThat(done.get("state").stringValue()).as("%s", done).isEqualTo("succeeded");
    assertThat(done.at("/best/val_loss").doubleValue()).isFinite();
  }

  @Test
  void aStoredModelKeepsItsRecipe() {
    String model =
        "{\"targets\": {\"kind\": {\"column\": \"kind\"}}, \"network\": {\"recipe\": \"mlp\","
            + " \"units\": 4}}";

    JsonNode stored = http.put("/v1/models/recipes-stored", model).expect(201).json();

    assertThat(stored.at("/model/network").toString())
        .isEqualTo("{\"recipe\":\"mlp\",\"units\":4}");
    assertThat(stored.get("warnings").findValuesAsString("code"))
        .contains("recipe_without_dataset");
    http.get("/v1/models/recipes-stored/summary").expectProblem(404, "version_not_found");
    String job =
        "{\"model\": \"recipes-stored\", \"dataset\": {\"name\": \"recipes\"}, \"training\":"
            + " {\"epochs\": 1}}";
    assertThat(validate(job).at("/model/network/layers").size()).isPositive();
    JsonNode done = http.train(job);
    assertThat(done.get("state").stringValue()).isEqualTo("succeeded");
    assertThat(
            http.get("/v1/models/recipes-stored").json().at("/model/network/recipe").stringValue())
        .isEqualTo("mlp");
    String retried =
        http.post("/v1/jobs/" + done.get("id").stringValue() + "/retry", "{}")
            .expect(202)
            .location();
    assertThat(http.await(retried).get("state").stringValue()).isEqualTo("succeeded");
  }

  @Test
  void aSweepTriesSettings() {
    JsonNode sweep =
        http.post(
                "/v1/sweeps",
                """
                {"job": {"model": {"name": "recipes-swept", "targets": {"kind": {"column": "kind"}},
                                   "network": {"recipe": "mlp", "depth": 1}},
                         "dataset": {"name": "recipes"}, "training": {"epochs": 1}},
                 "parameters": {"/model/network/units": [2, 4]}}
                """)
            .expect(202)
            .json();
    http.post(
            "/v1/sweeps",
            "{\"job\": {\"model\": {\"name\": \"recipes-swept\", \"targets\": {\"kind\":"
                + " {\"column\": \"kind\"}}, \"network\": {\"recipe\": \"mlp\", \"depth\": 0}},"
                + " \"dataset\": {\"name\": \"recipes\"}}, \"parameters\": {}}")
        .expectFault("/job/model/network/depth", "");

    JsonNode done = http.await("/v1/sweeps/" + sweep.get("id").stringValue());

    assertThat(done.get("state").stringValue()).as("%s", done).isEqualTo("succeeded");
    assertThat(done.at("/trials").size()).isEqualTo(2);
  }

  @Test
  void aModelWithNothingIsToldThatTargetsAreEnough() {
    JsonNode faults =
        http.post(
                "/v1/jobs",
                "{\"model\": {\"name\": \"recipes-none\"}, \"dataset\": {\"name\": \"recipes\"}}")
            .expectProblem(422, "no_targets")
            .json()
            .get("errors");
    assertThat(faults.valueStream().map(each -> each.get("pointer").stringValue()))
        .containsExactly("/model/network", "/model/targets");
    assertThat(faults.at("/0/detail").stringValue()).contains("or 'targets'");
  }

  /** Most are tiny, and 1 is far from them in their own measure: no fault. */
  @Test
  void valuesOfTestsOfSignificanceAreNumbersThatFit() {
    StringBuilder rows = new StringBuilder("p,y\n");
    for (int i = 0; i < 60; i++) {
      rows.append("%s,%d\n".formatted(i % 10 == 0 ? "1" : "1e-" + (60 + i), i % 2));
    }
    http.upload("recipes-tiny", rows.toString());
    JsonNode found =
        validate(
            """
            {"model": {"name": "recipes-tiny", "inputs": {"x": {"columns": ["p"], "scale": "standard"}},
                       "targets": {"y": {"column": "y", "type": "class"}}, "network": {"recipe": "mlp"}},
             "dataset": {"name": "recipes-tiny"}}
            """);
    assertThat(found.get("errors")).as("%s", found.get("errors")).isEmpty();
  }

  @Test
  void aRecipesNameInPlaceOfANetworkIsToldWhereItGoes() {
    JsonNode found =
        validate(job("recipes-name", "\"kind\": {\"column\": \"kind\"}", "\"mlp\"", ""));
    assertThat(found.at("/errors/0/pointer").stringValue()).isEqualTo("/model/network");
    assertThat(found.at("/errors/0/detail").stringValue()).contains("write {\"recipe\": \"mlp\"}");
  }

  @Test
  void aSweepThatHalvesBeginsWithAShareOfTheRecipesEpochs() {
    JsonNode sweep =
        http.post(
                "/v1/sweeps",
                """
                {"job": {"model": {"name": "recipes-halved", "targets": {"kind": {"column": "kind"}},
                                   "network": {"recipe": "tabm", "units": 2, "members": 2}},
                         "dataset": {"name": "recipes", "split": {"validation": 0.2}}},
                 "strategy": "halving", "trials": 4,
                 "parameters": {"/model/network/dropout": {"min": 0.0, "max": 0.3}}}
                """)
            .expect(202)
            .json();
    String path = "/v1/sweeps/" + sweep.get("id").stringValue();
    http.post(path + "/cancel").expect(202);

    assertThat(http.get(path).json().at("/request/job/training/epochs").intValue())
        .isBetween(1, 100_000);
    // The model keeps what was given, not what a trial drew.
    assertThat(http.get("/v1/models/recipes-halved").json().at("/model/network").has("dropout"))
        .isFalse();
  }

  @Test
  void aVersionOfARecipeCanBeALayerOfAnother() {
    String inputs = "\"inputs\": {\"x\": {\"columns\": [\"a\", \"rent\"]}}, ";
    JsonNode inner =
        http.train(
            """
            {"model": {"name": "recipes-inner", %s"targets": {"price": {"column": "price"}},
                       "network": {"recipe": "realmlp", "units": 4, "depth": 1}},
             "dataset": {"name": "recipes"}, "training": {"epochs": 2, "seed": 1}}
            """
                .formatted(inputs));
    assertThat(inner.get("state").stringValue()).as("%s", inner).isEqualTo("succeeded");
    for (String training :
        new String[] {
          "\"epochs\": 2",
          "\"phases\": [{\"name\": \"head\", \"train\": [\"price\"], \"epochs\": 1},"
              + " {\"name\": \"all\", \"train\": [\"base\", \"price\"], \"epochs\": 1}]"
        }) {
      String outer =
          """
          {"model": {"name": "recipes-outer", %s"targets": {"price": {"column": "price"}},
                     "network": {"layers": [
                       {"type": "model", "name": "base", "ref": "recipes-inner@1", "trainable": true},
                       {"type": "dense", "name": "price", "units": 1}]}},
           "dataset": {"name": "recipes"},
           "training": {"loss": "mse", "seed": 1, %s}}
          """
              .formatted(inputs, training);
      JsonNode done = http.train(outer);
      assertThat(done.get("state").stringValue()).as("%s", done).isEqualTo("succeeded");
    }
  }

  @Test
  void namesOfAllLengthsAndThoseOfLayersTrain() {
    String longest = "n".repeat(64);
    StringBuilder rows = new StringBuilder(longest + ",front,y\n");
    for (int i = 0; i < 60; i++) {
      rows.append("c%d,f%d,%d\n".formatted(i % 12, i * 7 % 13, i % 5));
    }
    http.upload("recipes-names", rows.toString());
    for (String recipe : new String[] {"mlp", "realmlp", "tabm"}) {
      JsonNode found =
          validate(
              """
              {"model": {"name": "recipes-names", "targets": {"y": {"column": "y"}},
                         "network": {"recipe": "%s"}},
               "dataset": {"name": "recipes-names"}}
              """
                  .formatted(recipe));
      assertThat(found.get("errors")).as("%s: %s", recipe, found.get("errors")).isEmpty();
    }
  }

  @Test
  void whatARetryTakesOutOfTheTrainingStaysOut() {
    http.put(
        "/v1/models/recipes-retried",
        JSON.readTree(
                job(
                    "recipes-retried",
                    "\"kind\": {\"column\": \"kind\"}",
                    "{\"recipe\": \"tabm\", \"units\": 2, \"members\": 2}",
                    ""))
            .get("model")
            .toString());
    JsonNode first =
        http.train(
            "{\"model\": \"recipes-retried\", \"dataset\": {\"name\": \"recipes\"},"
                + " \"training\": {\"epochs\": 2}}");
    assertThat(first.at("/request/training").has("early_stopping")).isTrue();
    String path =
        http.post(
                "/v1/jobs/" + first.get("id").stringValue() + "/retry",
                "{\"changes\": {\"/training/early_stopping\": null}}")
            .expect(202)
            .location();

    assertThat(http.job(path).at("/request/training").has("early_stopping")).isFalse();
  }

  /** The training that one recipe wrote does not fit the network of another. */
  @Test
  void aRetryTrainsWhatTheRecipeWroteOrSaysThatItCannot() {
    String tabm =
        """
        {"name": "recipes-again", "targets": {"kind": {"column": "kind"}},
         "network": {"recipe": "tabm", "units": 2, "members": 2}}
        """;
    http.put("/v1/models/recipes-again", tabm);
    JsonNode first =
        http.train(
            "{\"model\": \"recipes-again\", \"dataset\": {\"name\": \"recipes\"},"
                + " \"training\": {\"epochs\": 2}}");
    JsonNode written = first.at("/request/model");
    assertThat(written.at("/network/layers").isArray()).as("%s", written).isTrue();
    JsonNode version = http.get("/v1/models/recipes-again/versions/1").json();
    assertThat(written).isEqualTo(version.get("spec"));
    String retry = "/v1/jobs/" + first.get("id").stringValue() + "/retry";

    JsonNode second = http.await(http.post(retry, "{}").expect(202).location());

    assertThat(second.at("/request/model")).isEqualTo(written);
    assertThat(http.get("/v1/models/recipes-again").json().at("/model/network/recipe").asString(""))
        .isEqualTo("tabm");
    String other = tabm.replace("\"units\": 2", "\"units\": 3");
    http.put("/v1/models/recipes-again", other);
    JsonNode kept = http.get("/v1/models/recipes-again").json().get("model");
    for (JsonNode ended : List.of(first, second)) {
      JsonNode same =
          http.await(
              http.post("/v1/jobs/" + ended.get("id").stringValue() + "/retry")
                  .expect(202)
                  .location());
      assertThat(same.at("/request/model")).isEqualTo(written);
      assertThat(same.at("/metrics/loss")).isEqualTo(first.at("/metrics/loss"));
    }
    JsonNode third =
        http.await(
            http.post(retry, "{\"changes\": {\"/model/name\": \"recipes-other\"}}")
                .expect(202)
                .location());
    assertThat(third.at("/request/model").asString("")).isEqualTo("recipes-other");
    assertThat(http.get("/v1/models/recipes-other/versions/1").json().at("/spec/network"))
        .isEqualTo(written.get("network"));
    assertThat(http.get("/v1/models/recipes-again").json().get("model")).isEqualTo(kept);
  }

  /** Such a job, and its own retry, publish their network; the model keeps its recipe. */
  @Test
  void aRetryWithOtherLayersStoresNothingOnTheModel() {
    String model =
        """
        {"name": "recipes-kept", "targets": {"kind": {"column": "kind"}},
         "network": {"recipe": "mlp"}}
        """;
    http.put("/v1/models/recipes-kept", model);
    JsonNode kept = http.get("/v1/models/recipes-kept").json();
    JsonNode ended =
        http.train(
            "{\"model\": \"recipes-kept\", \"dataset\": {\"name\": \"recipes\"},"
                + " \"training\": {\"epochs\": 2}}");
    String dense = "";
    JsonNode layers = ended.at("/request/model/network/layers");
    for (int i = 0; i < layers.size() && dense.isEmpty(); i++) {
      dense = layers.get(i).has("units") ? "/model/network/layers/" + i + "/units" : "";
    }
    for (String changes :
        List.of(
            "{\"" + dense + "\": 3}",
            "{}",
            "{\"/training/epochs\": 1}",
            "{\"/training/early_stopping\": null}")) {
      ended =
          http.await(
              http.post(
                      "/v1/jobs/" + ended.get("id").stringValue() + "/retry",
                      "{\"changes\": " + changes + "}")
                  .expect(202)
                  .location());
      int version = ended.at("/result/version").intValue();
      JsonNode spec = http.get("/v1/models/recipes-kept/versions/" + version).json().get("spec");
      assertThat(spec.at(dense.substring("/model".length())).intValue()).as(changes).isEqualTo(3);
      assertThat(ended.at("/request/model")).isEqualTo(spec);
      JsonNode now = http.get("/v1/models/recipes-kept").json();
      for (String member : List.of("model", "revision", "updated_at")) {
        assertThat(now.path(member)).as("%s, %s", changes, now).isEqualTo(kept.path(member));
      }
    }
  }

  @Test
  void whatTheCallerGivesWins() {
    String body =
        """
        {"model": {"name": "recipes-given", "inputs": {"x": {"columns": ["a", "city"]}, "y": {"columns": ["b"], "impute": "mean"}},
                   "targets": {"price": {"column": "price", "scale": "minmax"}}, "network": {"recipe": "realmlp"}},
         "dataset": {"name": "recipes", "split": {}},
         "training": {"loss": "mae", "optimizer": {"learning_rate": 0.1}, "epochs": 7}}
        """;

    JsonNode found = validate(body);

    assertThat(found.get("errors")).as("%s", found.get("errors")).isEmpty();
    assertThat(found.at("/model/inputs").toString())
        .isEqualTo(
            "{\"x\":{\"columns\":[\"a\"],\"scale\":\"robust\"},\"city\":{\"columns\":[\"city\"],\"encode\":\"auto\"},\"y\":{\"columns\":[\"b\"],\"impute\":\"mean\"}}"
                .replace("\"city\":{", "\"city\":{"));
    assertThat(found.at("/model/targets/price").toString())
        .isEqualTo("{\"column\":\"price\",\"scale\":\"minmax\",\"clip\":\"seen\"}");
    assertThat(found.at("/training/loss").stringValue()).isEqualTo("mae");
    assertThat(found.at("/training/epochs").intValue()).isEqualTo(7);
    assertThat(found.at("/training/optimizer/learning_rate").doubleValue()).isEqualTo(0.1);
    assertThat(found.at("/training/optimizer/beta_2").doubleValue()).isEqualTo(0.95);
    assertThat(found.get("warnings").findValuesAsString("code")).doesNotContain("recipe_split");
  }

  @Test
  void aRecipeThatDoesNotFitSaysWhy() {
    http.upload("recipes-two", "x,y\n1,2\n3,4\n");
    http.upload("recipes-words", "x,y\n" + "red,blue\ngreen,blue\n".repeat(10));
    http.upload("recipes-pairs", "x,y\n" + "red,blue\ngreen,pink\n".repeat(10));
    http.upload("recipes-texts", "x,y\n" + "red,1\ngreen,2\n".repeat(10));
    StringBuilder own = new StringBuilder("x,y\n");
    for (int i = 0; i < 60; i++) {
      own.append(i % 5).append(",name").append(i).append('\n');
    }
    http.upload("recipes-own", own.toString());
    String body =
        """
        {"model": {"name": "recipes-bad", "targets": {"y": {"column": "y"}}%s}, "dataset": {"name": "%s"}}
        """;
    http.upload("recipes-ids", own.toString().replace("x,y", "y,x"));
    refuses(body.formatted("", "recipes-two"), "/model", "at least 10 rows");
    refuses(body.formatted("", "recipes-words"), "/model/targets/y", "only one class");
    refuses(body.formatted("", "recipes-own"), "/model/targets/y", "a class of their own");
    refuses(body.formatted("", "recipes-ids"), "/model", "another category in almost every row");
    refuses(
        body.formatted("", "recipes-pairs")
            .replace(
                "\"dataset\"", "\"training\": {\"loss\": \"binary_crossentropy\"}, \"dataset\""),
        "/training/loss",
        "leave 'loss' out");
    refuses(
        body.formatted(", \"network\": {\"recipe\": \"series\"}", "recipes-pairs"),
        "/model/targets/y",
        "forecasts numbers");
    http.post("/v1/jobs", body.formatted(", \"network\": {\"recipe\": \"best\"}", "recipes-texts"))
        .expectFault("/model/network/recipe", "One of auto, mlp, realmlp, tabm, series");
    http.post(
            "/v1/jobs",
            body.formatted(", \"network\": {\"recipe\": \"mlp\", \"members\": 3}", "recipes-texts"))
        .expectFault("/model/network/members", "Unknown member");
    http.post(
            "/v1/jobs",
            body.formatted(", \"network\": {\"recipe\": \"mlp\", \"depth\": 0}", "recipes-texts"))
        .expectFault("/model/network/depth", "");
    http.post(
            "/v1/jobs",
            "{\"model\": {\"name\": \"recipes-bad\", \"targets\": {\"z\": {\"column\": \"z\"}}},"
                + " \"dataset\": {\"name\": \"recipes-texts\"}}")
        .expectFault("/model/targets/z/column", "z");
  }

  /** Validate and submit say the same, and nothing of a network that is not known. */
  private void refuses(String body, String pointer, String detail) {
    JsonNode submitted = http.post("/v1/jobs", body).expectFault(pointer, detail).json();
    assertThat(validate(body).get("errors")).isEqualTo(submitted.get("errors"));
    assertThat(submitted.get("errors").toString()).doesNotContain("The network has the outputs");
  }

  @Test
  void aSeriesTooShortToHoldRowsBackTrainsOnAll() {
    http.upload("recipes-short", "y\n" + "1\n2\n4\n3\n".repeat(12));
    http.upload("recipes-long", "y\n" + "1\n2\n4\n3\n".repeat(60));
    String body =
        """
        {"model": {"name": "recipes-short", "targets": {"y": {"column": "y"}},
                   "network": {"recipe": "series", "window": 4, "horizon": 4}}, "dataset": {"name": "%s"}%s}
        """;

    JsonNode few = validate(body.formatted("recipes-short", ""));
    JsonNode many = validate(body.formatted("recipes-long", ""));
    String intervals = ", \"training\": {\"intervals\": {\"coverage\": 0.5}}";
    JsonNode sure = validate(body.formatted("recipes-short", intervals));

    assertThat(few.get("errors")).as("%s", few.get("errors")).isEmpty();
    assertThat(few.get("warnings").toString()).contains("recipe_split", "trains on all rows");
    assertThat(few.get("training").has("early_stopping")).isFalse();
    assertThat(many.get("training").has("early_stopping")).isTrue();
    assertThat(sure.get("training").has("early_stopping")).isTrue();
    assertThat(sure.get("errors")).as("%s", sure.get("errors")).isEmpty();
  }

  @Test
  void leakingTargetsAndColumnsThatTellRowsApartAreTold() {
    StringBuilder rows = new StringBuilder("x,name,copy,y\n");
    for (int i = 0; i < 60; i++) {
      rows.append(i % 11)
          .append(",name")
          .append(i)
          .append(",")
          .append(i * i)
          .append(",")
          .append(i * i)
          .append('\n');
    }
    http.upload("recipes-leak", rows.toString());

    JsonNode found =
        validate(
            "{\"model\": {\"name\": \"recipes-leak\", \"targets\": {\"y\": {\"column\": \"y\"}}},"
                + " \"dataset\": {\"name\": \"recipes-leak\"}}");

    assertThat(found.get("valid").booleanValue()).isTrue();
    assertThat(found.get("warnings").findValuesAsString("code"))
        .contains("leaks_target", "column_left_out");
    assertThat(found.get("warnings").toString()).contains("'name' out: almost every row");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "mlp", "realmlp", "tabm", "series"})
  void everyRecipeIsListedWithItsPaperAndSettings(String recipe) {
    JsonNode listed =
        http.get("/v1/recipes")
            .expect(200)
            .json()
            .get("recipes")
            .valueStream()
            .filter(each -> each.get("name").stringValue().equals(recipe))
            .findFirst()
            .orElseThrow();

    assertThat(listed.propertyNames()).containsExactly("name", "for", "source", "settings");
    assertThat(listed.get("settings").isEmpty()).isEqualTo(recipe.equals("auto"));
  }
}
