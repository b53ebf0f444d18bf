package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.spec.Specs;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Trainings with every loss, weighted and not, give the losses of PyTorch or of the formula. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GoldenLossesTest {
  record Case(JsonNode json) {
    @Override
    public String toString() {
      return json.get("name").asString();
    }
  }

  static List<Case> cases() {
    return StreamSupport.stream(Golden.read("losses.json").get("cases").spliterator(), false)
        .map(Case::new)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossesAndWeightsMatchTheReference(Case golden) {
    JsonNode json = golden.json();
    Recorder recorder = new Recorder();

    TrainingOutcome.Finished outcome = training(json).finish(recorder);

    double tolerance = json.get("tolerance").asDouble();
    assertThat(recorder.epochs).hasSize(json.get("losses").size());
    for (int i = 0; i < recorder.epochs.size(); i++) {
      double expected = json.get("losses").get(i).asDouble();
      double allowed = (i == 0 ? 1e-5 : tolerance) * Math.max(1e-3, Math.abs(expected));
      assertThat(Trainings.value(recorder.epochs.get(i), "loss"))
          .as("loss of step %d", i + 1)
          .isCloseTo(expected, Offset.offset(allowed));
    }
    Golden.tensors(json.get("after"))
        .forEach((name, tensor) -> assertClose(name, tensor, outcome.weights().get(name)));
  }

  @Test
  void everyLossHasCases() {
    Set<Class<?>> losses = new HashSet<>();
    for (Case golden : cases()) {
      String training = ((ObjectNode) golden.json().get("training")).put("epochs", 1).toString();
      Specs.training(training)
          .losses()
          .byOutput()
          .values()
          .forEach(loss -> losses.add(loss.getClass()));
    }
    assertThat(losses).containsExactlyInAnyOrderElementsOf(leaves(LossSpec.class).toList());
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    Class<?>[] below = type.getPermittedSubclasses();
    return below == null ? Stream.of(type) : Arrays.stream(below).flatMap(GoldenLossesTest::leaves);
  }

  private static TestTraining training(JsonNode json) {
    HostTensor x = Golden.tensor(json.get("x"));
    HostTensor y = Golden.tensor(json.get("y"));
    int rows = x.shape().axis(0);
    HostTensor weights = json.has("row_weights") ? Golden.tensor(json.get("row_weights")) : null;
    Subset subset = new Subset(rows, Map.of("x", x), Map.of("y", y), weights);
    TestTraining run =
        Trainings.run(model(json), training(json, rows), subset)
            .startingFrom(Golden.tensors(json.get("weights")));
    PreparedData data =
        new PreparedData(subset, Trainings.NONE, Trainings.NONE, encoding(y), () -> {});
    return new TestTraining(run.plan(), data, null);
  }

  private static Encoding encoding(HostTensor y) {
    String target =
        y.type() == ElementType.INT64
            ? "'y':{'output':'b','kind':'class','column':'y','type':'string','classes':['0','1','2']}"
            : "";
    return Encoding.fromJson(Specs.json("{'inputs':{},'targets':{" + target + "}}"));
  }

  private static void assertClose(String name, HostTensor expected, @Nullable HostTensor actual) {
    assertThat(actual).as(name).isNotNull();
    for (long i = 0; actual != null && i < expected.shape().elements(); i++) {
      assertThat(actual.doubleAt(i))
          .as("%s[%d]", name, i)
          .isCloseTo(expected.doubleAt(i), Offset.offset(2e-4));
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
