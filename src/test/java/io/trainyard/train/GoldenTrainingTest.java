package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Trainings give PyTorch's losses at every step, and its final weights. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GoldenTrainingTest {
  record Case(JsonNode json) {
    @Override
    public String toString() {
      return json.get("name").asString();
    }
  }

  static List<Case> cases() {
    return StreamSupport.stream(Golden.read("training.json").get("cases").spliterator(), false)
        .map(Case::new)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossesAndWeightsMatchPyTorch(Case golden) {
    JsonNode json = golden.json();
    HostTensor x = Golden.tensor(json.get("x"));
    HostTensor y = Golden.tensor(json.get("y"));
    int rows = x.shape().axis(0);
    Recorder recorder = new Recorder();
    TestTraining run =
        Trainings.run(
                model(json), training(json, rows), new Subset(rows, Map.of("x", x), Map.of("y", y)))
            .startingFrom(Golden.tensors(json.get("weights")));

    TrainingOutcome.Finished outcome = run.finish(recorder);

    // Float32 rounding grows over a dozen steps of a non-linear iteration.
    double tolerance = json.get("tolerance").asDouble();
    assertThat(recorder.epochs).hasSize(json.get("losses").size());
    for (int i = 0; i < recorder.epochs.size(); i++) {
      double expected = json.get("losses").get(i).asDouble();
      assertThat(Trainings.value(recorder.epochs.get(i), "loss"))
          .as("loss of step %d", i + 1)
          .isCloseTo(expected, Offset.offset((i == 0 ? 1e-5 : tolerance) * expected));
    }
    Golden.tensors(json.get("after"))
        .forEach((name, tensor) -> assertClose(name, tensor, weight(outcome, name), tolerance));
  }

  private static HostTensor weight(TrainingOutcome.Finished outcome, String name) {
    return Objects.requireNonNull(outcome.weights().get(name));
  }

  private static void assertClose(
      String name, HostTensor expected, HostTensor actual, double tolerance) {
    for (long i = 0; i < expected.shape().elements(); i++) {
      assertThat(actual.doubleAt(i))
          .as("%s[%d]", name, i)
          .isCloseTo(expected.doubleAt(i), Offset.offset(tolerance));
    }
  }

  private static String model(JsonNode json) {
    return "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},'network':"
        + "{'layers':"
        + json.get("layers")
        + "}}";
  }

  private static String training(JsonNode json, int rows) {
    ObjectNode training = (ObjectNode) json.get("training").deepCopy();
    training.put("epochs", json.get("losses").size());
    training.put("batch_size", rows);
    training.put("shuffle", false);
    return training.toString();
  }
}
