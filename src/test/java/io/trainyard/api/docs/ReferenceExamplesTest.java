package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.LayerTypes;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.schedule.ScheduleSpec;
import io.trainyard.tensor.Shape;
import io.trainyard.train.ExampleTraining;
import io.trainyard.train.ExampleTraining.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything in a register has its heading and its example on a page, and a network trains with the
 * example as the page shows it.
 */
class ReferenceExamplesTest {
  private static final Path FOLDER = Path.of("src/docs/reference");
  private static final JsonMapper JSON = new JsonMapper();
  private static final String SGD = ",'optimizer':{'type':'sgd','learning_rate':0.001}";

  private static List<String> layerPages() {
    return List.copyOf(TypePages.FAMILIES.values());
  }

  private static List<String> layers() {
    List<String> types = new ArrayList<>(LayerTypes.names());
    types.add("model");
    return types;
  }

  private static List<String> metrics() {
    List<String> metrics = new ArrayList<>(DescriptionsTest.lower(Metric.values()));
    metrics.add("expression");
    return metrics;
  }

  /** The names of each register, and the pages that have them. */
  private static Map<List<String>, List<String>> registers() {
    Map<List<String>, List<String>> registers = new LinkedHashMap<>();
    registers.put(layers(), layerPages());
    registers.put(DescriptionsTest.lower(ActivationSpec.Function.values()), List.of("activations"));
    registers.put(DescriptionsTest.known("activation"), List.of("activations"));
    registers.put(DescriptionsTest.known("initializer"), List.of("initializers"));
    registers.put(DescriptionsTest.lower(OptimizerSpec.Name.values()), List.of("optimizers"));
    registers.put(DescriptionsTest.lower(LossSpec.Name.values()), List.of("losses"));
    registers.put(metrics(), List.of("metrics"));
    registers.put(DescriptionsTest.lower(ScheduleSpec.Name.values()), List.of("schedules"));
    registers.put(DescriptionsTest.functions(), List.of("functions"));
    registers.put(Stream.of(ErrorCode.values()).map(ErrorCode::code).toList(), List.of("errors"));
    return registers;
  }

  @Test
  void everyNameOfEveryRegisterHasItsHeadingAndAnExample() {
    List<String> missing = new ArrayList<>();
    registers()
        .forEach(
            (names, files) -> {
              PageSections pages = PageSections.of(FOLDER, files);
              for (String name : names) {
                if (pages.find(name).isEmpty()) {
                  missing.add(name + " in " + files);
                }
              }
            });
    assertThat(missing).isEmpty();
    assertThat(PageSections.of(FOLDER, List.of("losses")).find("zzz")).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> aNetworkTrainsWithTheExampleOfEveryLayer() {
    PageSections pages = PageSections.of(FOLDER, layerPages());
    return tests(layers(), name -> trainLayer((ObjectNode) pages.example(name)));
  }

  private static void trainLayer(ObjectNode layer) {
    String name = layer.get("type").stringValue();
    Map<String, Shape> inputs = new LinkedHashMap<>();
    JsonNode shapes =
        Reference.descriptions().of("layer").stream()
            .filter(type -> type.words().contains(name))
            .findFirst()
            .orElseThrow()
            .json()
            .get("input");
    for (JsonNode shape : shapes) {
      String input = shapes.size() == 1 ? "x" : inputs.isEmpty() ? "a" : "b";
      inputs.put(input, shape(shape));
    }
    if (name.equals("model")) {
      // The network that a stored version would have.
      layer.set(
          "network",
          JSON.readTree(
              "{\"inputs\": {\"x\": {\"shape\": [4]}}, \"layers\": [{\"type\": \"dense\","
                  + " \"units\": 2}]}"));
    }
    train(inputs, layer, "linear", 1, "'mse'" + SGD, name.equals("embedding"), Target.NUMBER);
  }

  private static Shape shape(JsonNode sizes) {
    return Shape.of(sizes.valueStream().mapToInt(JsonNode::intValue).toArray());
  }

  @TestFactory
  Stream<DynamicTest> aNetworkTrainsWithTheExampleOfWhatLayersTake() {
    List<DynamicTest> all = new ArrayList<>();
    for (String file : List.of("activations", "initializers", "regularizers", "functions")) {
      PageSections pages = PageSections.of(FOLDER, List.of(file));
      Shape row = file.equals("functions") ? Shape.of(4, 4) : Shape.of(4);
      tests(
              pages.names(),
              name ->
                  train(
                      Map.of("x", row),
                      (ObjectNode) pages.example(name),
                      "linear",
                      1,
                      "'mse'" + SGD,
                      false,
                      Target.NUMBER))
          .forEach(all::add);
    }
    return all.stream();
  }

  @TestFactory
  Stream<DynamicTest> aNetworkTrainsWithTheExampleOfEveryLoss() {
    PageSections pages = PageSections.of(FOLDER, List.of("losses"));
    return tests(
        DescriptionsTest.lower(LossSpec.Name.values()),
        name -> {
          String loss = pages.example(name).get("loss").toString() + SGD;
          switch (name) {
            case "categorical_crossentropy", "sparse_categorical_crossentropy", "focal" ->
                train("softmax", 3, loss, Target.CLASS);
            case "nll" -> train("log_softmax", 3, loss, Target.CLASS);
            case "kl_divergence" -> train("softmax", 3, loss, Target.SHARES);
            case "poisson" -> train("softplus", 1, loss, Target.NUMBER);
            case "gaussian_nll" -> train("linear", 2, loss, Target.NUMBER);
            case "cox" -> train("linear", 1, loss, Target.SURVIVAL);
            case "binary_crossentropy", "hinge", "squared_hinge" ->
                train("linear", 1, loss, Target.SIGN);
            default -> train("linear", 1, loss, Target.NUMBER);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aNetworkTrainsWithTheExampleOfEveryOptimizer() {
    PageSections pages = PageSections.of(FOLDER, List.of("optimizers"));
    return tests(
        DescriptionsTest.lower(OptimizerSpec.Name.values()),
        name -> {
          String training = "'mse','optimizer':" + pages.example(name).get("optimizer");
          if (name.equals("perceptron")) {
            assertFinite(
                ExampleTraining.train(
                    "{'name':'m','inputs':{'x':{'columns':['x']}},'targets':{'y':{'column':'y'}},"
                        + "'network':{'layers':[{'type':'dense','units':1,'activation':'step'}]}}",
                    "{'epochs':2,'loss':" + training.replace("mse", "mae") + "}",
                    Map.of("x", Shape.of(4)),
                    false,
                    Target.SIGN));
          } else {
            train("linear", 1, training, Target.NUMBER);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aTrainingReportsTheExampleOfEveryMetric() {
    PageSections pages = PageSections.of(FOLDER, List.of("metrics"));
    List<String> ofNumbers = List.of("mse", "rmse", "mae", "mape", "r2", "expression");
    return tests(
        metrics(),
        name -> {
          String metrics = ",'metrics':" + pages.example(name).get("metrics");
          Map<String, Double> values =
              name.equals("concordance")
                  ? train("linear", 1, "'cox'" + SGD + metrics, Target.SURVIVAL)
                  : ofNumbers.contains(name)
                      ? train("linear", 1, "'mse'" + SGD + metrics, Target.NUMBER)
                      : train(
                          "softmax", 3, "'categorical_crossentropy'" + SGD + metrics, Target.CLASS);
          if (Metric.of(name).filter(Metric::isOfIntervals).isPresent()) {
            // Intervals are learned when a training has ended: CertaintyHttpTest has their values.
            assertThat(values).doesNotContainKey("val_" + name);
          } else {
            assertThat(values).containsKey(name.equals("expression") ? "val_error" : "val_" + name);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aTrainingFollowsTheExampleOfEverySchedule() {
    PageSections pages = PageSections.of(FOLDER, List.of("schedules"));
    return tests(
        DescriptionsTest.lower(ScheduleSpec.Name.values()),
        name -> {
          JsonNode schedule = pages.example(name).get("learning_rate_schedule");
          train(
              "linear",
              1,
              "'mse'" + SGD + ",'epochs':70,'learning_rate_schedule':" + schedule,
              Target.NUMBER);
        });
  }

  /** What a test does with one name. */
  private interface Check {
    void of(String name);
  }

  private static Stream<DynamicTest> tests(List<String> names, Check check) {
    return names.stream().map(name -> DynamicTest.dynamicTest(name, () -> check.of(name)));
  }

  private static Map<String, Double> train(
      String activation, int units, String training, Target target) {
    ObjectNode layer =
        (ObjectNode) JSON.readTree("{\"type\": \"dense\", \"units\": 4, \"activation\": \"tanh\"}");
    return train(Map.of("x", Shape.of(4)), layer, activation, units, training, false, target);
  }

  /** Trains the layer with a dense one behind it for two epochs, which must give numbers. */
  private static Map<String, Double> train(
      Map<String, Shape> inputs,
      ObjectNode layer,
      String activation,
      int units,
      String training,
      boolean whole,
      Target target) {
    StringBuilder columns = new StringBuilder();
    inputs.forEach(
        (name, shape) ->
            columns
                .append(columns.isEmpty() ? "" : ",")
                .append("'%s':{'column':'%s','shape':%s}".formatted(name, name, shape)));
    String model =
        ("{'name':'m','inputs':{%s},'targets':{'y':{'column':'y'}},'network':{'layers':[%s,"
                + "{'type':'flatten'},{'type':'dense','units':%d,'activation':'%s'}]}}")
            .formatted(columns, layer, units, activation);
    Map<String, Double> values =
        ExampleTraining.train(
            model,
            (training.contains("'epochs'") ? "{" : "{'epochs':2,")
                + "'batch_size':8,'loss':"
                + training
                + "}",
            inputs,
            whole,
            target);
    assertFinite(values);
    return values;
  }

  private static void assertFinite(Map<String, Double> values) {
    assertThat(values.get("loss")).isNotNull().isFinite();
  }
}
