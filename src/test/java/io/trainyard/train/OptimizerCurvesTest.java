package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.spec.Specs;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.BayesianRegularization;
import io.trainyard.spec.training.optimizer.LevenbergMarquardt;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.optimizer.Perceptron;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Twelve epochs with every optimizer and loss give PyTorch's loss curves within 2e-4; the classical
 * ones those of a reference in NumPy.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OptimizerCurvesTest {
  record Curve(String name, JsonNode net, JsonNode json) {
    @Override
    public String toString() {
      return name + ", " + net.get("name").stringValue();
    }
  }

  static List<Curve> curves() {
    List<Curve> curves = new ArrayList<>();
    for (String golden :
        List.of("optimizers.json", "classical.json", "searches.json", "perceptron.json")) {
      for (JsonNode net : Golden.read(golden).get("nets")) {
        net.get("curves")
            .properties()
            .forEach(each -> curves.add(new Curve(each.getKey(), net, each.getValue())));
      }
    }
    return curves;
  }

  /**
   * Every optimizer with every loss. Without the property "all.curves" one optimizer for each loss,
   * a different one from loss to loss.
   */
  static List<Curve> products() {
    List<Curve> products = new ArrayList<>();
    for (JsonNode net : Golden.read("curves.json").get("nets")) {
      List<Curve> curves =
          net.get("curves").properties().stream()
              .map(each -> new Curve(each.getKey(), net, each.getValue()))
              .toList();
      int number = Boolean.getBoolean("all.curves") ? -1 : products.size() % curves.size();
      products.addAll(number < 0 ? curves : List.of(curves.get(number)));
    }
    return products;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"curves", "products"})
  void followsTheReference(Curve curve) {
    JsonNode net = curve.net();
    HostTensor x = Golden.tensor(net.get("x"));
    HostTensor y = Golden.tensor(net.get("y"));
    Recorder recorder = new Recorder();

    Trainings.run(
            model(net),
            training(curve),
            new Subset(x.shape().axis(0), Map.of("x", x), Map.of("y", y)))
        .startingFrom(Golden.tensors(net.get("weights")))
        .finish(recorder);

    JsonNode expected = curve.json().get("losses");
    assertThat(recorder.epochs).hasSize(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      double loss = expected.get(i).asDouble();
      assertThat(Trainings.value(recorder.epochs.get(i), "loss"))
          .as("epoch %d", i + 1)
          .isCloseTo(loss, Offset.offset(2e-4 * Math.max(1e-3, Math.abs(loss))));
    }
    for (String name : Specs.training(training(curve)).optimizer().reported()) {
      assertThat(curve.json().get("reported").has(name)).as(name).isTrue();
    }
    curve
        .json()
        .path("reported")
        .forEachEntry(
            (name, numbers) -> {
              for (int i = 0; i < expected.size(); i++) {
                double number = numbers.get(i).asDouble();
                assertThat(reported(recorder.epochs.get(i), name))
                    .as("%s of epoch %d", name, i + 1)
                    .isCloseTo(number, Offset.offset(2e-4 * number));
              }
            });
  }

  private static double reported(EpochRecord epoch, String name) {
    return name.equals("learning_rate") ? epoch.learningRate() : Trainings.value(epoch, name);
  }

  record Rule(JsonNode net, JsonNode json) {
    @Override
    public String toString() {
      return json.get("name").stringValue();
    }
  }

  static List<Rule> rules() {
    JsonNode net = Golden.read("optimizers.json").get("rules");
    List<Rule> rules = new ArrayList<>();
    net.get("cases").forEach(each -> rules.add(new Rule(net, each)));
    return rules;
  }

  /** The layer_norm keeps the dense chain away; batches are added up by the engine. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void weightsFollowPyTorch(Rule rule) {
    JsonNode net = rule.net();
    HostTensor x = Golden.tensor(net.get("x"));
    HostTensor y = Golden.tensor(net.get("y"));
    ObjectNode training = (ObjectNode) rule.json().get("training").deepCopy();
    training.put("epochs", rule.json().get("losses").size());
    training.put("shuffle", false);
    Recorder recorder = new Recorder();

    TrainingOutcome.Finished outcome =
        Trainings.run(
                model(net),
                training.toString(),
                new Subset(x.shape().axis(0), Map.of("x", x), Map.of("y", y)))
            .startingFrom(Golden.tensors(net.get("weights")))
            .finish(recorder);

    for (int i = 0; i < recorder.epochs.size(); i++) {
      double loss = rule.json().get("losses").get(i).asDouble();
      assertThat(Trainings.value(recorder.epochs.get(i), "loss"))
          .as("epoch %d", i + 1)
          .isCloseTo(loss, Offset.offset(2e-4 * loss));
    }
    Golden.tensors(rule.json().get("after"))
        .forEach(
            (name, expected) ->
                assertClose(name, expected, Objects.requireNonNull(outcome.weights().get(name))));
  }

  private static void assertClose(String name, HostTensor expected, HostTensor actual) {
    for (long i = 0; i < expected.shape().elements(); i++) {
      assertThat(actual.doubleAt(i))
          .as("%s[%d]", name, i)
          .isCloseTo(expected.doubleAt(i), Offset.offset(2e-4));
    }
  }

  @Test
  void everyOptimizerHasACurve() {
    Set<Class<?>> compared = new HashSet<>();
    curves().forEach(curve -> compared.add(Specs.training(training(curve)).optimizer().getClass()));
    assertThat(compared).containsExactlyInAnyOrderElementsOf(records(OptimizerSpec.class));
  }

  /** The other optimizers take sums of squares only, or no loss; some curves are chaotic. */
  @Test
  void optimizersAreComparedOnMostLosses() {
    List<JsonNode> nets = new ArrayList<>();
    Golden.read("curves.json").get("nets").forEach(nets::add);
    Map<Class<?>, Integer> losses = new HashMap<>();
    Set<Class<?>> compared = new HashSet<>();
    for (JsonNode net : nets) {
      for (Map.Entry<String, JsonNode> each : net.get("curves").properties()) {
        TrainingSpec training =
            Specs.training(training(new Curve(each.getKey(), net, each.getValue())));
        compared.addAll(
            training.losses().byOutput().values().stream().map(Object::getClass).toList());
        losses.merge(training.optimizer().getClass(), 1, Integer::sum);
      }
    }
    Set<Class<?>> general = new HashSet<>(records(OptimizerSpec.class));
    general.removeAll(
        List.of(LevenbergMarquardt.class, BayesianRegularization.class, Perceptron.class));
    assertThat(losses.keySet()).isEqualTo(general);
    assertThat(losses.values()).allMatch(count -> count > nets.size() - 8);
    // Curves of cox with sgd are among the golden losses; a bias has no gradient there but
    // rounding,
    // which other optimizers would follow.
    List<Class<?>> all = new ArrayList<>(records(LossSpec.class));
    all.remove(NumberLoss.Cox.class);
    assertThat(compared).containsExactlyInAnyOrderElementsOf(all);
  }

  /** The records of a sealed type, in all its families. */
  private static List<Class<?>> records(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses())
            .flatMap(each -> records(each).stream())
            .toList()
        : List.of(type);
  }

  private static String model(JsonNode net) {
    return "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},'network':"
        + "{'layers':"
        + net.get("layers")
        + "}}";
  }

  private static String training(Curve curve) {
    ObjectNode training = JsonNodeFactory.instance.objectNode();
    JsonNode net = curve.net();
    training.set("loss", net.has("loss") ? net.get("loss") : net.get("name"));
    training.set("optimizer", curve.json().get("optimizer"));
    training.put("epochs", curve.json().get("losses").size());
    training.set("batch_size", curve.json().get("batch_size"));
    training.set("precision", curve.json().get("precision"));
    training.put("min_gradient", 0);
    training.put("shuffle", false);
    return training.toString();
  }
}
