package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Losses and metrics of each target, and which epoch's are published. */
@ServiceTest
@Timeout(120)
class TargetMetricsHttpTest {
  private static final String JOB =
      """
      {"model": {"name": "target-metrics", "inputs": {"x": {"columns": ["a", "b"]}},
         "targets": {"species": {"column": "species", "output": "kind"},
                     "price": {"column": "price", "output": "amount"}},
         "network": {"layers": [
           {"type": "dense", "name": "h", "units": 4, "activation": "tanh"},
           {"type": "dense", "name": "kind", "units": 3, "activation": "softmax", "inputs": ["h"]},
           {"type": "dense", "name": "amount", "units": 1, "inputs": ["h"]}],
          "outputs": ["kind", "amount"]}},
       "dataset": {"name": "target-metrics", "split": {"validation": 0.25, "test": 0.25}},
       "training": {"epochs": 3, "seed": 1, %s}}
      """;
  private static final String LOSSES =
      "\"losses\": {\"species\": \"categorical_crossentropy\", \"price\": \"mse\"}";

  @Autowired private Http http;

  @BeforeEach
  void upload() {
    StringBuilder csv = new StringBuilder("a,b,species,price\n");
    for (int i = 0; i < 16; i++) {
      csv.append("%d,%d,%s,%d%n".formatted(i % 5, i % 3, "xyz".charAt(i % 3), i % 4));
    }
    http.upload("target-metrics", csv.toString());
  }

  @Test
  void eachTargetHasItsOwnLossAndMetrics() {
    JsonNode done =
        http.train(
            JOB.formatted(
                LOSSES
                    + ", \"loss_weights\": {\"price\": 0.5}"
                    + ", \"metrics\": {\"species\": [\"accuracy\"], \"price\": [\"rmse\", \"mae\"]}"
                    + ", \"early_stopping\": {\"monitor\": \"val_price_loss\", \"patience\": 9}"));

    JsonNode last = done.get("metrics");
    assertThat(last.propertyNames())
        .contains("loss", "species_loss", "price_loss", "species_accuracy", "price_rmse")
        .contains("val_loss", "val_species_loss", "val_price_loss", "val_price_mae")
        .contains("test_loss", "test_species_loss", "test_price_rmse")
        .doesNotContain("price_accuracy", "species_rmse", "val_species_mae");
    for (String rows : new String[] {"", "val_", "test_"}) {
      assertThat(last.get(rows + "loss").doubleValue())
          .as(rows)
          .isCloseTo(
              last.get(rows + "species_loss").doubleValue()
                  + 0.5 * last.get(rows + "price_loss").doubleValue(),
              within(1e-5));
    }
    assertThat(last.get("val_price_loss").doubleValue())
        .isCloseTo(Math.pow(last.get("val_price_rmse").doubleValue(), 2), within(1e-5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"metrics\": {\"price\": [\"accuracy\"]} | /training/metrics/price/0 | use mse, rmse, mae,"
            + " mape, r2, or set its 'type' to class",
        "\"metrics\": {\"species\": [\"accuracy\", \"r2\"]} | /training/metrics/species/1 | r2 is"
            + " for numbers, but target 'species' is a class: use accuracy",
        "\"metrics\": [\"accuracy\", \"top_k_accuracy\"] | /training/metrics/1 | It fits no other"
            + " target either. Metrics can be given by target: {\"species\": [\"accuracy\"], ...}",
        "\"metrics\": {\"prize\": [\"rmse\"]} | /training/metrics/prize | the targets are [species,"
            + " price]",
        "\"metrics\": {\"price\": [\"rmsd\"]} | /training/metrics/price/0 | There is no metric"
            + " 'rmsd'",
        "\"metrics\": {\"price\": \"rmse\"} | /training/metrics/price | A list",
        "\"monitor\": \"val_rmse\" | /training/monitor | val_price_loss",
        "\"loss_weights\": {\"amount\": 1, \"price\": 2} | /training/loss_weights/price | which is"
            + " given too",
      })
  void whatDoesNotFitATargetIsRefusedWithWhatWould(String members, String pointer, String detail) {
    String job = JOB.formatted(LOSSES + ", " + members);
    http.post("/v1/jobs", job).expectFault(pointer, detail);
    assertThat(http.post("/v1/models:validate", job).json().at("/errors/0/pointer").stringValue())
        .isEqualTo(pointer);
  }

  /** Zero weights give every row the probability of one half, and no step changes them. */
  @ParameterizedTest
  @CsvSource({"sigmoid, false", "linear, true"})
  void aTieIsDecidedTheSameWayInAnswersAccuracyAndConfusion(String activation, boolean logits) {
    String name = "tie-" + activation;
    http.upload(name, "a,flag\n1,true\n2,true\n3,false\n4,true\n");
    String model =
        """
        {"name": "%s", "inputs": {"x": {"columns": ["a"]}}, "targets": {"flag": {"column": "flag"}},
         "network": {"layers": [{"type": "dense", "name": "d", "units": 1, "activation": "%s"}]}}
        """
            .formatted(name, activation);
    http.importVersion(
        name,
        model.replace("\"column\": \"flag\"", "\"column\": \"flag\", \"type\": \"number\""),
        new Weights().with("d.weight", Shape.of(1, 1), 0).with("d.bias", Shape.of(1), 0));
    JsonNode done =
        http.train(
            """
            {"model": %s, "dataset": {"name": "%s"},
             "training": {"loss": {"type": "binary_crossentropy", "from_logits": %s}, "epochs": 1,
                          "optimizer": {"type": "sgd", "learning_rate": 1e-30},
                          "metrics": ["accuracy"]},
             "initial_weights": {"model": "%s", "version": 1}}
            """
                .formatted(model.replace(name, name + "-job"), name, logits, name));

    assertThat(done.at("/metrics/accuracy").doubleValue()).isEqualTo(0.75);
    String version = "/v1/models/" + name + "-job/versions/1";
    assertThat(http.get(version).json().at("/metrics/confusion/flag").toString())
        .isEqualTo("[[0,1],[0,3]]");
    JsonNode answer =
        http.post(version + "/predict", "{\"instances\": [{\"a\": 1}]}").expect(200).json();
    assertThat(answer.at("/predictions/0/flag").booleanValue()).as(answer.toString()).isTrue();
    assertThat(answer.at("/predictions/0/probabilities/true").doubleValue()).isEqualTo(0.5);
  }

  /** The first step is much too long: the loss rises from epoch to epoch. */
  @Test
  void aliasAndVersionGoByThePublishedEpoch() {
    http.upload("published", "a,y\n1,1\n2,2\n3,3\n4,4\n5,5\n6,6\n7,7\n8,8\n");
    JsonNode done =
        http.train(
            """
            {"model": {"name": "published", "inputs": {"x": {"columns": ["a"]}},
                       "targets": {"y": {"column": "y"}},
                       "network": {"layers": [{"type": "dense", "units": 1}]}},
             "dataset": {"name": "published", "split": {"validation": 0.25, "test": 0.25, "by": "file_order"}},
             "training": {"loss": "mse", "epochs": 4, "seed": 3, "metrics": ["rmse"],
                          "optimizer": {"type": "sgd", "learning_rate": 1},
                          "early_stopping": {"monitor": "val_rmse", "patience": 4}},
             "on_success": {"alias": "production", "when": {"val_rmse": {"max": 1000}}}}
            """);

    JsonNode best = done.get("best");
    JsonNode last = done.get("metrics");
    assertThat(best.get("epoch").intValue()).isEqualTo(1);
    assertThat(last.get("epoch").intValue()).isEqualTo(4);
    assertThat(last.get("val_rmse").doubleValue()).isGreaterThan(1000);
    assertThat(last.has("test_rmse")).isTrue();
    assertThat(best.has("test_rmse")).isFalse();
    assertThat(done.at("/result/alias/moved").booleanValue()).isTrue();
    JsonNode version =
        http.get("/v1/models/published/versions/" + done.at("/result/version").intValue()).json();
    assertThat(version.at("/metrics/val_rmse")).isEqualTo(Http.given(best.get("val_rmse")));
    assertThat(version.at("/metrics/test_rmse")).isEqualTo(Http.given(last.get("test_rmse")));
  }
}
