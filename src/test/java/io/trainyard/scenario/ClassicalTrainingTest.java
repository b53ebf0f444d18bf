package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A small net trained in MATLAB's ways, each of which says why it stopped. */
@ServiceTest
@Timeout(120)
class ClassicalTrainingTest {
  @Autowired private Http http;

  @BeforeEach
  void upload() {
    StringBuilder csv = new StringBuilder("a,b,y\n");
    for (int i = 0; i < 100; i++) {
      csv.append("%d,%d,%d%n".formatted(i / 2 % 2, i % 2, i / 2 % 2 ^ i % 2));
    }
    http.upload("gates", csv.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'optimizer': 'trainlm', 'goal': 1e-6}                                    | goal",
        "{'optimizer': {'type': 'trainlm', 'mu_max': 0.01, 'mu': 0.01}, 'min_gradient': 0} |"
            + " mu_max",
        "{'optimizer': 'trainlm', 'min_gradient': 0.01}                                  |"
            + " min_gradient",
        "{'optimizer': 'traingd', 'epochs': 20}                                          | epochs",
        "{'optimizer': {'type': 'traingdm', 'learning_rate': 0.5}, 'epochs': 20}         | epochs",
        "{'optimizer': {'type': 'traingdx', 'learning_rate': 1}, 'goal': 0.24}           | goal",
        "{'optimizer': {'type': 'delta_bar_delta', 'learning_rate': 5, 'kappa': 0.5}, 'goal': 0.2}"
            + " | goal",
        "{'optimizer': 'trainrp', 'goal': 0.01}                                          | goal",
        "{'optimizer': 'trainbr', 'goal': 1e-4}                                          | goal",
        "{'optimizer': {'type': 'trainbr', 'mu_max': 1}, 'min_gradient': 0}              | mu_max",
        "{'optimizer': 'trainscg', 'goal': 1e-4}                                         | goal",
        "{'optimizer': 'traincgp', 'goal': 1e-4}                                         | goal",
        "{'optimizer': 'traincgf', 'epochs': 3}                                          | epochs",
        "{'optimizer': 'bfgs', 'goal': 0.13}                                             | goal",
        "{'optimizer': 'trainbfg', 'min_gradient': 0.01}                                 |"
            + " min_gradient",
        "{'optimizer': {'type': 'gradient_descent', 'learning_rate': 1}, 'batch_size': 10,"
            + " 'goal': 0.2} | goal",
      })
  void theReasonForStoppingIsReported(String training, String reason) {
    JsonNode done = train(training, "");
    assertThat(done.get("stop_reason").stringValue()).as(done.toString()).isEqualTo(reason);
  }

  @Test
  void sixEpochsWithoutABetterValidationLossAreEnough() {
    JsonNode done =
        train(
            "{'optimizer': {'type': 'traingd', 'learning_rate': 1e-30}}",
            ", 'split': {'validation': 0.2}");
    assertThat(done.get("stop_reason").stringValue()).isEqualTo("max_fail");
    assertThat(done.at("/progress/epoch").intValue()).as(done.toString()).isEqualTo(7);
  }

  @Test
  void bayesianRegularizationReportsItsParameters() {
    JsonNode done =
        train(
            "{'optimizer': 'trainbr', 'epochs': 5, 'monitor': 'effective_parameters'}",
            ", 'split': {'validation': 0.2}");

    assertThat(done.at("/metrics/effective_parameters").doubleValue()).isBetween(1.0, 13.0);
    assertThat(done.at("/metrics/alpha").doubleValue()).isPositive();
    assertThat(done.at("/metrics/beta").doubleValue()).isPositive();
    String id = done.get("id").stringValue();
    String epochs = http.get("/v1/jobs/" + id + "/metrics").expect(200).json().toString();
    assertThat(epochs.split("effective_parameters", -1)).hasSize(6);
  }

  private JsonNode train(String training, String rows) {
    String job =
        """
        {'model': {'name': 'gate', 'inputs': {'x': {'columns': ['a', 'b']}},
                   'targets': {'y': {'column': 'y', 'type': 'number'}},
                   'network': {'layers': [
                     {'type': 'dense', 'units': 3, 'activation': 'tansig', 'initializer': 'nguyen_widrow'},
                     {'type': 'dense', 'units': 1, 'activation': 'logsig'}]}},
         'dataset': {'name': 'gates'%s}, 'training': %s}
        """
            .formatted(
                rows, training.replace("{'optimizer'", "{'loss': 'mse', 'seed': 3, 'optimizer'"))
            .replace('\'', '"');
    assertThat(http.post("/v1/models:validate", job).expect(200).json().get("errors")).isEmpty();
    JsonNode done = http.train(job);
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");
    return done;
  }
}
