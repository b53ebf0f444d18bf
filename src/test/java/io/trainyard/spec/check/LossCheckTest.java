package io.trainyard.spec.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.Specs;
import io.trainyard.spec.check.TargetValues.Classes;
import io.trainyard.spec.check.TargetValues.Numbers;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which loss takes which target, shape and activation, and what it costs. */
class LossCheckTest {
  private static final String PAIRS =
      "{'type': 'expression', 'expression': 'mean(abs(y_pred - y_true))'}";

  /** A line: the loss, the units, the activation, the classes of the target or 0 for numbers. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'poisson'      | 2 | relu        | 0",
        "'gaussian_nll' | 4 | linear      | 0",
        "'cosine'       | 2 | tanh        | 0",
        "'cosine'       | 3 | linear      | 3",
        "'nll'          | 3 | log_softmax | 3",
        "'kl_divergence'| 2 | softmax     | 0",
        "'focal'        | 2 | sigmoid     | 0",
        "'focal'        | 3 | softmax     | 3",
        "'focal'        | 1 | sigmoid     | 2",
        "'hinge'        | 1 | tanh        | 2",
        "{'type': 'focal', 'from_logits': true} | 1 | linear | 2",
        "{'type': 'focal', 'from_logits': true} | 2 | linear | 2",
        "{'type': 'expression', 'expression': 'y_pred - y_true'} | 3 | softmax | 3",
        "{'type': 'expression', 'expression': 'y_pred - y_true'} | 1 | sigmoid | 2",
        "{'type': 'expression', 'expression': 'y_pred[:2] - y_true + y_pred[2:]'} | 4 | linear | 0",
      })
  void thisFits(String loss, int units, String activation, int classes) {
    assertThat(faults(loss, units, activation, classes)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'poisson'      | 2 | tanh        | 0 | change its activation to softplus or exponential",
        "'gaussian_nll' | 2 | linear      | 0 | expects [4], the means and then the log variances",
        "'gaussian_nll' | 3 | linear      | 0 | use twice as many units",
        "'gaussian_nll' | 2 | linear      | 2 | gaussian_nll is for numbers",
        "'cosine'       | 1 | tanh        | 2 | cosine compares directions",
        "'nll'          | 3 | softmax     | 3 | or use categorical_crossentropy",
        "'kl_divergence'| 2 | linear      | 0 | {\"type\": \"kl_divergence\", \"from_logits\":"
            + " true}",
        "'focal'        | 1 | softmax     | 2 | expects [2]",
        "'hinge'        | 1 | relu        | 2 | change its activation to linear or tanh",
        "'hinge'        | 3 | linear      | 3 | hinge separates two classes",
        "'huber'        | 3 | linear      | 3 | huber separates two classes",
        "{'type': 'expression', 'expression': 'y_pred - y_true'} | 2 | softmax | 3 | expects [3]",
        "{'type': 'expression', 'expression': 'y_pred - y_true'} | 3 | linear | 0 | cannot"
            + " broadcast [3] and [2]; of a row, y_true is [2] and y_pred is [3]",
      })
  void thisDoesNotFit(String loss, int units, String activation, int classes, String detail) {
    assertThat(faults(loss, units, activation, classes))
        .anySatisfy(fault -> assertThat(fault).contains(detail));
  }

  /** What an expression gives is not known. */
  @Test
  void aLayerWithoutWeightsMayGiveCounts() {
    ModelSpec model = model(2, "linear", ", {'type': 'lambda', 'expression': 'exp(x)'}");
    assertThat(faults(model, "'poisson'", new Numbers(Shape.of(2)))).isEmpty();
  }

  @Test
  void anExpressionOfTooManyNumbersIsRefused() {
    ModelSpec model = model(5000, "linear", ", {'type': 'reshape', 'shape': [5000, 1]}");
    assertThat(faults(model, PAIRS, new Numbers(Shape.of(5000))))
        .singleElement()
        .asString()
        .contains("The expression computes more than 16777216 numbers for a row");
  }

  /** The differences of all pairs, their absolute values and the mean. */
  @Test
  void whatALossKeepsIsCounted() {
    ModelSpec pairs = model(20, "linear", ", {'type': 'reshape', 'shape': [20, 1]}");
    assertThat(kept(pairs, PAIRS, new Numbers(Shape.of(30)))).isEqualTo(2 * 600 + 1);
    assertThat(kept(model(20, "linear", ""), "'mse'", new Numbers(Shape.of(20)))).isZero();
    assertThat(kept(model(20, "linear", ""), "'log_cosh'", new Numbers(Shape.of(20))))
        .isEqualTo(20 * 12);
  }

  /** A decoder that ends in an image: its probabilities are moved, not computed again. */
  @Test
  void probabilitiesMayBeReshaped() {
    Numbers image = new Numbers(Shape.of(2, 2, 1));
    String moved =
        ", {'type': 'reshape', 'shape': [4, 1]}, {'type': 'reshape', 'shape': [2, 2, 1]}";
    assertThat(faults(model(4, "sigmoid", moved), "'binary_crossentropy'", image)).isEmpty();
    assertThat(faults(model(4, "linear", moved), "'binary_crossentropy'", image))
        .singleElement()
        .asString()
        .contains("add {\"type\": \"activation\", \"function\": \"sigmoid\"} behind it");
    // softmax needs its classes on the last axis.
    assertThat(faults(model(4, "softmax", moved), "'categorical_crossentropy'", image)).hasSize(1);
  }

  private static long kept(ModelSpec model, String loss, TargetValues values) {
    return LossCost.rowElements(model, shapes(model), Map.of("t", values), training(loss));
  }

  private static List<String> faults(String loss, int units, String activation, int classes) {
    TargetValues values = classes == 0 ? new Numbers(Shape.of(2)) : new Classes(classes);
    return faults(model(units, activation, ""), loss, values);
  }

  private static List<String> faults(ModelSpec model, String loss, TargetValues values) {
    Violations violations = new Violations();
    new TrainingCheck(
            model, shapes(model), Map.of("t", values), training(loss), "/model", "/training")
        .check(violations);
    return violations.list().stream().map(v -> v.pointer() + ": " + v.detail()).toList();
  }

  private static NetworkShapes shapes(ModelSpec model) {
    return Specs.shapes(model, Map.of("x", Shape.of(4)));
  }

  private static TrainingSpec training(String loss) {
    return Specs.training("{'loss': " + loss + ", 'epochs': 1}");
  }

  private static ModelSpec model(int units, String activation, String more) {
    return Specs.model(
        """
        {'name': 'm', 'inputs': {'x': {'columns': ['a', 'b', 'c', 'd']}},
         'targets': {'t': {'column': 'y'}},
         'network': {'layers': [{'type': 'dense', 'units': %d, 'activation': '%s'}%s]}}
        """
            .formatted(units, activation, more));
  }
}
