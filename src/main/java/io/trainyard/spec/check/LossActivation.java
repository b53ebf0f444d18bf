package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import java.util.List;
import java.util.stream.Collectors;

/** Checks that an output ends in an activation whose values its loss can use. */
record LossActivation(TrainedOutput trained, LossSpec loss) {
  void check(Violations violations) {
    switch (loss) {
      case ClassLoss.BinaryCrossentropy binary ->
          checkProbabilities(binary.fromLogits(), List.of(Function.SIGMOID), violations);
      case ClassLoss.CategoricalCrossentropy categorical ->
          checkProbabilities(categorical.fromLogits(), List.of(Function.SOFTMAX), violations);
      case ClassLoss.Focal focal ->
          checkProbabilities(
              focal.fromLogits(), List.of(Function.SIGMOID, Function.SOFTMAX), violations);
      case ClassLoss.KlDivergence divergence ->
          checkProbabilities(
              divergence.fromLogits(), List.of(Function.SOFTMAX, Function.LOG_SOFTMAX), violations);
      case ClassLoss.Nll _ -> checkLogarithms(violations);
      case ClassLoss.Hinge _, ClassLoss.SquaredHinge _ -> checkMargin(violations);
      case NumberLoss.Poisson _ -> checkCounts(violations);
      case NumberLoss _, ExpressionLoss _ -> {}
    }
  }

  private void checkProbabilities(
      boolean fromLogits, List<Function> wanted, Violations violations) {
    if (fromLogits
        || wanted.contains(last())
        || (wanted.contains(Function.SIGMOID) && computed() == Function.SIGMOID)) {
      return;
    }
    String linear =
        trained.activation().isLinear()
            ? ", or keep it linear and use {\"type\": \"%s\", \"from_logits\": true}"
                .formatted(loss.type())
            : "";
    String words = wanted.stream().map(Function::word).collect(Collectors.joining(" or "));
    String logarithms =
        last() == Function.LOG_SOFTMAX ? ", or use nll, which takes log_softmax" : "";
    refuse("to end in " + words, way(words) + linear + logarithms, violations);
  }

  private void checkLogarithms(Violations violations) {
    if (last() != Function.LOG_SOFTMAX) {
      String other =
          last() == Function.SOFTMAX
              ? ", or use categorical_crossentropy, which takes softmax"
              : "";
      refuse("to end in log_softmax", "change its activation to log_softmax" + other, violations);
    }
  }

  /** A margin that is never negative cannot say no. */
  private void checkMargin(Violations violations) {
    if (trained.activation().isNonNegative() || last() == Function.LOG_SOFTMAX) {
      refuse(
          "to be negative for the first class and positive for the second",
          "change its activation to linear or tanh",
          violations);
    }
  }

  /** Layers with weights and without an activation give negative numbers too. */
  private void checkCounts(Violations violations) {
    Layer layer = trained.check().model().network().computing(trained.output());
    boolean unknown =
        trained.activation().isLinear()
            && trained.check().shapes().layers().containsKey(layer.name())
            && trained.check().shapes().layer(layer.name()).parameters() == 0;
    if (!trained.activation().isNonNegative() && !unknown) {
      refuse(
          "to be a count, which is never negative",
          "change its activation to softplus or exponential",
          violations);
    }
  }

  /** A layer that only moves values has no activation to change. */
  private String way(String words) {
    return isRearrangement(computing())
        ? "add {\"type\": \"activation\", \"function\": \"%s\"} behind it".formatted(words)
        : "change its activation to " + words;
  }

  private Layer computing() {
    return trained.check().model().network().computing(trained.output());
  }

  private static boolean isRearrangement(Layer layer) {
    return layer.spec().movesElements() && layer.inputs().size() == 1;
  }

  /**
   * The activation that gave the values, wherever they were moved afterwards. Of sigmoid each is a
   * probability by itself; softmax needs its classes on the last axis.
   */
  private Function computed() {
    Layer layer = computing();
    NetworkSpec network = trained.check().model().network();
    while (isRearrangement(layer) && !network.inputs().containsKey(layer.inputs().getFirst())) {
      layer = network.computing(layer.inputs().getFirst());
    }
    return layer.spec().activation().function();
  }

  private Function last() {
    return trained.activation().function();
  }

  private void refuse(String wanted, String way, Violations violations) {
    violations.add(
        trained.lossPointer(),
        "%s expects the output '%s' %s, but it ends in %s: %s"
            .formatted(loss.type(), trained.output(), wanted, last().word(), way));
  }
}
