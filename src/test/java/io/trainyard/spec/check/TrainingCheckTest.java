package io.trainyard.spec.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.Specs;
import io.trainyard.spec.check.TargetValues.Classes;
import io.trainyard.spec.check.TargetValues.Numbers;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrainingCheckTest {

  @Test
  void aGoodModelHasNoFaultsAndNoWarnings() {
    TrainingCheck check =
        check(
            "'categorical_crossentropy'",
            new Classes(3),
            "{'type': 'dense', 'units': 16, 'activation': 'relu'}",
            "{'type': 'dense', 'units': 3, 'activation': 'softmax'}");

    assertThat(faults(check)).isEmpty();
    assertThat(check.warnings()).isEmpty();
  }

  @Test
  void membersAreAveragedLast() {
    String ensemble = "{'type': 'ensemble_dense', 'units': 3, 'members': 2}";
    String average = "{'type': 'average_members'}";
    String dense = "{'type': 'dense', 'units': 1}";
    assertThat(faults(check("'mse'", new Numbers(Shape.of(1)), ensemble, dense, average)))
        .isEmpty();
    assertThat(faults(check("'mse'", new Numbers(Shape.of(1)), ensemble, average, dense)))
        .containsExactly(
            "/model/network/layers/1: average_members is the last layer of its branch, but"
                + " 'dense_1' reads 'average_members_1': put 'dense_1' before 'average_members_1',"
                + " so that it computes on each member");
  }

  @Test
  void unitsMustMatchTheClasses() {
    assertThat(
            faults(
                check(
                    "'categorical_crossentropy'",
                    new Classes(3),
                    "{'type': 'dense', 'units': 4, 'activation': 'softmax'}")))
        .containsExactly(
            "/model/network/layers/0/units: categorical_crossentropy on the 3 classes of target"
                + " 't' expects [3], but 'dense_1' gives [4]; set 'units' to 3");
    assertThat(
            faults(
                check(
                    "'categorical_crossentropy'",
                    new Classes(2),
                    "{'type': 'dense', 'units': 1, 'activation': 'softmax'}")))
        .singleElement()
        .asString()
        .endsWith("for one unit use sigmoid and binary_crossentropy");
    assertThat(
            faults(
                check(
                    "'binary_crossentropy'",
                    new Classes(3),
                    "{'type': 'dense', 'units': 3, 'activation': 'sigmoid'}")))
        .singleElement()
        .asString()
        .startsWith("/training/loss: binary_crossentropy separates two classes");
  }

  @Test
  void crossEntropiesNeedProbabilitiesOrLogits() {
    String linear = "{'type': 'dense', 'units': 3}";

    assertThat(faults(check("'categorical_crossentropy'", new Classes(3), linear)))
        .singleElement()
        .asString()
        .startsWith(
            "/training/loss: categorical_crossentropy expects the output 'dense_1' to end in"
                + " softmax, but it ends in linear");
    assertThat(
            faults(
                check(
                    "{'type': 'categorical_crossentropy', 'from_logits': true}",
                    new Classes(3),
                    linear)))
        .isEmpty();
    assertThat(
            faults(
                check(
                    "'categorical_crossentropy'",
                    new Classes(3),
                    linear,
                    "{'type': 'activation', 'function': 'softmax'}")))
        .isEmpty();
  }

  @Test
  void numbersMustHaveTheOutputsShape() {
    assertThat(faults(check("'mse'", new Numbers(Shape.of(2)), "{'type': 'dense', 'units': 3}")))
        .containsExactly(
            "/model/network/layers/0/units: Target 't' has [2] per row, but 'dense_1' gives [3];"
                + " set 'units' to 2");
  }

  @Test
  void lossesMustNameTrainedOutputs() {
    TrainingCheck check =
        check(
            model("{'type': 'dense', 'name': 'y', 'units': 1}"),
            new Numbers(Shape.of(1)),
            "{'losses': {'z': 'mse'}, 'loss_weights': {'w': 1}, 'epochs': 1}");

    assertThat(faults(check))
        .containsExactly(
            "/training/losses/z: No target trains an output 'z'; the trained outputs are [y]",
            "/training/loss_weights/w: No target trains an output 'w'; the trained outputs are"
                + " [y]",
            "/training/losses: The output 'y', which target 't' trains, has no loss");
  }

  @Test
  void layersBeforeAStepCannotLearn() {
    assertThat(
            faults(
                check(
                    "'mse'",
                    new Numbers(Shape.of(1)),
                    "{'type': 'dense', 'name': 'a', 'units': 2, 'activation': 'tanh'}",
                    "{'type': 'dense', 'name': 'b', 'units': 2, 'activation': 'hardlim'}",
                    "{'type': 'dense', 'name': 'c', 'units': 1}")))
        .hasSize(2)
        .anyMatch(fault -> fault.startsWith("/model/network/layers/1: Layer 'a' cannot learn"))
        .anyMatch(fault -> fault.startsWith("/model/network/layers/1: Layer 'b' cannot learn"));
    assertThat(
            faults(
                check(
                    "'mse'",
                    new Numbers(Shape.of(1)),
                    "{'type': 'dense', 'units': 2, 'activation': 'step', 'trainable': false}",
                    "{'type': 'dense', 'units': 1}")))
        .isEmpty();
  }

  @Test
  void aFormulaWithZeroGradientBeforeWeightsIsRefused() {
    String formula = "{'type': 'lambda', 'expression': '%s', 'parameters': {'a': 1}}";
    assertThat(
            faults(
                check(
                    "'mse'",
                    new Numbers(Shape.of(1)),
                    "{'type': 'dense', 'name': 'y', 'units': 1}",
                    formula.formatted("a*step(x)"))))
        .containsExactly(
            "/model/network/layers/1: Layer 'y' cannot learn: every path from the loss to its"
                + " weights passes through a step, floor, sign or comparison of the expression"
                + " 'a*step(x)', whose gradient is zero. Use sigmoid or tanh while training, or set"
                + " 'trainable' of 'y' to false");
    assertThat(
            faults(
                check(
                    "'mse'",
                    new Numbers(Shape.of(1)),
                    "{'type': 'dense', 'name': 'y', 'units': 1}",
                    formula.formatted("a*step(x) + x"))))
        .isEmpty();
    assertThat(
            faults(
                check(
                    "'mse'",
                    new Numbers(Shape.of(1)),
                    "{'type': 'dense', 'name': 'y', 'units': 1}",
                    formula.formatted("x + floor(a)"))))
        .singleElement()
        .asString()
        .contains("Layer 'lambda_1' cannot learn");
  }

  @Test
  void untrainableModelsAndUnusedLayersAreRefused() {
    assertThat(
            faults(
                check(
                    "'mse'",
                    new Numbers(Shape.of(1)),
                    "{'type': 'dense', 'units': 1, 'trainable': false}")))
        .containsExactly("/model/network: " + GradientReach.NOTHING_TRAINABLE);
    TrainingCheck deadEnd =
        check(
            "'mse'",
            new Numbers(Shape.of(1)),
            "{'type': 'dense', 'name': 'dead', 'units': 1}",
            "{'type': 'dense', 'units': 1, 'inputs': ['x']}");
    assertThat(faults(deadEnd))
        .containsExactly(
            "/model/network/layers/0: Layer 'dead' leads to no output: name it in 'outputs' or"
                + " in a phase's 'train', or remove it");
  }

  @Test
  void warnsOfLinearStacks() {
    assertThat(
            codes(
                check(
                    "'mse'",
                    new Numbers(Shape.of(1)),
                    "{'type': 'dense', 'units': 8}",
                    "{'type': 'dropout', 'rate': 0.5}",
                    "{'type': 'dense', 'units': 1}")))
        .containsExactly("/model/network/layers/2 linear_stack");
    assertThat(
            codes(
                check(
                    "'mse'",
                    new Numbers(Shape.of(1)),
                    "{'type': 'dense', 'units': 8}",
                    "{'type': 'activation', 'function': 'relu'}",
                    "{'type': 'dense', 'units': 1}")))
        .isEmpty();
  }

  @Test
  void warnsOfOutputsThatDoNotFitTheTarget() {
    Numbers number = new Numbers(Shape.of(1));
    assertThat(
            codes(check("'mse'", number, "{'type': 'dense', 'units': 1, 'activation': 'softmax'}")))
        .containsExactly(
            "/model/network/layers/0 softmax_on_one_unit",
            "/model/network/layers/0 softmax_on_numbers");
    assertThat(
            codes(
                check(
                    "'binary_crossentropy'",
                    number,
                    "{'type': 'dense', 'units': 1, 'activation': 'sigmoid'}")))
        .containsExactly("/training/loss classification_loss_on_numbers");
    assertThat(
            codes(
                check(
                    "'mse'",
                    new Classes(2),
                    "{'type': 'dense', 'units': 1, 'activation': 'sigmoid'}")))
        .containsExactly("/training/loss regression_loss_on_classes");
    assertThat(
            codes(
                check(
                    "{'type': 'binary_crossentropy', 'from_logits': true}",
                    new Classes(2),
                    "{'type': 'dense', 'units': 1, 'activation': 'sigmoid'}")))
        .containsExactly("/training/loss logits_already_activated");
    ModelSpec scaled =
        Specs.model(
            text("{'type': 'dense', 'units': 1, 'activation': 'sigmoid'}")
                .replace("'column': 'y'", "'column': 'y', 'scale': 'standard'"));
    assertThat(codes(check(scaled, number, "{'loss': 'mse', 'epochs': 1}")))
        .containsExactly("/model/network/layers/0 bounded_output");
  }

  @Test
  void warnsOfWindowsLargerThanTheInput() {
    ModelSpec model =
        Specs.network(
            "[5, 2]",
            "{'type': 'conv1d', 'filters': 2, 'kernel_size': 3, 'dilation': 3, 'padding': 'same'}");

    assertThat(
            new TrainingCheck(model, Specs.shapes(model), Map.of(), null, "/model", "/training")
                .warnings())
        .extracting(Warning::code)
        .containsExactly("window_beyond_input");
  }

  @Test
  void warnsOfBatchNormWithOneRowPerBatch() {
    assertThat(
            codes(
                check(
                    model("{'type': 'batch_norm'}", "{'type': 'dense', 'units': 1}"),
                    new Numbers(Shape.of(1)),
                    "{'loss': 'mse', 'epochs': 1, 'batch_size': 1}")))
        .containsExactly("/training/batch_size batch_norm_on_one_row");
  }

  @Test
  void withoutTrainingItsRefusalsAreWarnings() {
    TrainingCheck check =
        check(
            model(
                "{'type': 'dense', 'units': 1, 'trainable': false}",
                "{'type': 'dense', 'units': 1, 'trainable': false, 'inputs': ['x']}"),
            new Numbers(Shape.of(1)),
            null);

    assertThat(faults(check)).isEmpty();
    assertThat(codes(check))
        .containsExactly(
            "/model/network/layers/0 unused_layer", "/model/network nothing_trainable");
  }

  private static TrainingCheck check(String loss, TargetValues values, String... layers) {
    return check(model(layers), values, "{'loss': " + loss + ", 'epochs': 1}");
  }

  private static TrainingCheck check(
      ModelSpec model, TargetValues values, @Nullable String training) {
    return new TrainingCheck(
        model,
        Specs.shapes(model, Map.of("x", Shape.of(4))),
        Map.of("t", values),
        training == null ? null : Specs.training(training),
        "/model",
        "/training");
  }

  private static ModelSpec model(String... layers) {
    return Specs.model(text(layers));
  }

  private static String text(String... layers) {
    return """
    {'name': 'm', 'inputs': {'x': {'columns': ['a', 'b', 'c', 'd']}},
     'targets': {'t': {'column': 'y'}}, 'network': {'layers': [%s]}}
    """
        .formatted(String.join(", ", layers));
  }

  private static List<String> faults(TrainingCheck check) {
    Violations violations = new Violations();
    check.check(violations);
    return violations.list().stream().map(v -> v.pointer() + ": " + v.detail()).toList();
  }

  private static List<String> codes(TrainingCheck check) {
    return check.warnings().stream().map(w -> w.pointer() + " " + w.code()).toList();
  }
}
