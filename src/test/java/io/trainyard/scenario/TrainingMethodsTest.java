package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.schedule.ScheduleSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Jobs with every optimizer, schedule and stopping rule, as callers send them. */
@ScenarioTest
class TrainingMethodsTest {
  private static final String NETWORK =
      """
      "inputs": {"x": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
                       "scale": "standard"}},
      "targets": {"species": {"column": "species"}},
      "network": {"layers": [{"type": "dense", "units": 16, "activation": "relu"},
                             {"type": "dense", "units": 3, "activation": "softmax"}]}
      """;

  /** The members that have no default. */
  private static final Map<String, String> REQUIRED =
      Map.of(
          "step", ", \"every\": 2",
          "exponential", ", \"factor\": 0.9",
          "one_cycle", ", \"peak\": 0.1",
          "multi_step", ", \"epochs\": [2, 4]",
          "cosine_restarts", ", \"period\": 2",
          "expression", ", \"expression\": \"0.1 / epoch\"");

  private static final Set<String> OTHER_LOSSES =
      Set.of("levenberg_marquardt", "trainlm", "bayesian_regularization", "trainbr", "perceptron");

  @Autowired private Http http;

  @BeforeEach
  void upload() throws Exception {
    if (http.get("/v1/datasets/iris").status() == 404) {
      http.upload("iris", Files.readString(Path.of("src/examples/iris/iris.csv")));
    }
  }

  static Stream<String> optimizers() {
    // These need other losses than iris's classes have: see ClassicalTrainingTest.
    return Arrays.stream(OptimizerSpec.Name.values())
        .map(TrainingMethodsTest::word)
        .filter(name -> !OTHER_LOSSES.contains(name));
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void everyOptimizerLowersTheLoss(String optimizer) {
    // With fixed steps, or on small batches, L-BFGS diverges here, as PyTorch's does.
    String spec =
        optimizer.equals("lbfgs")
            ? "{\"type\": \"lbfgs\", \"line_search\": \"strong_wolfe\"}, \"batch_size\": 150"
            : "\"" + optimizer + "\"";
    JsonNode done =
        http.train(job("optimizer_" + optimizer, "\"epochs\": 8, \"optimizer\": " + spec));
    assertThat(done.at("/stop_reason").stringValue()).isEqualTo("epochs");
    // Three classes by chance: log 3 = 1.1.
    assertThat(done.at("/metrics/loss").doubleValue()).isLessThan(1.2);
    assertThat(done.at("/metrics/epoch").intValue()).isEqualTo(8);
  }

  static Stream<String> schedules() {
    return Arrays.stream(ScheduleSpec.Name.values()).map(TrainingMethodsTest::word);
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void everyScheduleIsReportedByTheEpochs(String schedule) {
    String members = REQUIRED.getOrDefault(schedule, "");
    JsonNode done =
        http.train(
            job(
                "schedule_" + schedule,
                "\"epochs\": 5, \"optimizer\": {\"type\": \"sgd\", \"learning_rate\": 0.05},"
                    + " \"learning_rate_schedule\": {\"type\": \"%s\", \"warmup_epochs\": 1%s}"
                        .formatted(schedule, members)));
    double last = done.at("/metrics/learning_rate").doubleValue();
    double expected =
        switch (schedule) {
          case "step" -> 0.005;
          case "exponential" -> 0.05 * 0.9 * 0.9 * 0.9;
          case "cosine" -> 0.05 * (1 + Math.cos(Math.PI * 3 / 4)) / 2;
          case "polynomial" -> 0.05 / 4;
          case "one_cycle" -> 0.05 / 1e4;
          // The last of 16 steps, at t = 15/16.
          case "coslog" ->
              0.05 * (1 - Math.cos(2 * Math.PI * Math.log(1 + 15 * 15 / 16.0) / Math.log(2))) / 2;
          case "flat_cosine" -> 0.05 * (1 + Math.cos(Math.PI * (2 * 15 / 16.0 - 1))) / 2;
          case "multi_step" -> 0.0005;
          case "cosine_restarts" -> 0.025;
          case "expression" -> 0.02;
          default -> 0.05;
        };
    assertThat(last).isCloseTo(expected, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "goal | \"goal\": 0.5",
        "max_fail | \"max_fail\": 1, \"optimizer\": {\"type\": \"sgd\", \"learning_rate\": 5}",
        "min_gradient | \"min_gradient\": 1000",
        "early_stopping | \"early_stopping\": {\"monitor\": \"loss\", \"patience\": 1,"
            + " \"min_delta\": 100}",
      })
  void jobsSayWhyTheyStopped(String reason, String rule) {
    JsonNode done = http.train(job("stop_" + reason, "\"epochs\": 300, " + rule));
    assertThat(done.at("/stop_reason").stringValue()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "accumulated | \"gradient_accumulation\": 4",
        "averaged | \"ema\": {\"decay\": 0.9}",
        "by_layer | \"learning_rates\": {\"dense_1\": 0.1}",
        "not_decayed | \"weight_decay_exclude\": [\"bias\", \"norm\"], \"optimizer\": \"adamw\"",
        "double | \"precision\": \"float64\"",
        "bfloat | \"precision\": \"bfloat16\"",
      })
  void rulesOfTheUpdatesTrain(String name, String rule) {
    JsonNode done = http.train(job(name, "\"epochs\": 20, " + rule));
    assertThat(done.at("/metrics/val_loss").doubleValue()).isLessThan(1.1);
  }

  /** The example in the contract of training specs, as it is printed there. */
  @Test
  void theExampleOfTheContractRuns() {
    http.put("/v1/models/iris", "{\"name\": \"iris\", " + NETWORK + "}");
    JsonNode done =
        http.train(
            """
            {"model": "iris",
             "dataset": {"name": "iris", "version": 1, "split": {"validation": 0.2, "test": 0.1, "stratify": "species"}, "where": "petal_width > 0"},
             "training": {"loss": "categorical_crossentropy", "optimizer": {"type": "adam", "learning_rate": 0.01}, "epochs": 100, "batch_size": 32, "seed": 42, "metrics": ["accuracy"],
                          "early_stopping": {"monitor": "val_loss", "patience": 10}, "learning_rate_schedule": {"type": "cosine", "warmup_epochs": 2}},
             "resources": {"device": "auto", "pool": "cpu", "threads": 2}, "priority": 0,
             "on_success": {"alias": "production", "when": {"val_accuracy": {"min": 0.9}}}}
            """);
    assertThat(done.at("/result/alias/moved").booleanValue()).isTrue();
  }

  private static String job(String name, String training) {
    return """
    {"model": {"name": "%s", %s},
     "dataset": {"name": "iris", "split": {"validation": 0.2}},
     "training": {"loss": "categorical_crossentropy", "seed": 1, %s}}
    """
        .formatted(name, NETWORK, training);
  }

  private static String word(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }
}
