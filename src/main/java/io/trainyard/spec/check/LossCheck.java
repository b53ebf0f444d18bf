package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.tensor.Shape;

/** Checks that one output, its loss and the values of its target fit together. */
record LossCheck(TrainedOutput trained, LossSpec loss) {

  void check(Violations violations) {
    switch (loss) {
      case LossSpec.BinaryCrossentropy(boolean fromLogits) ->
          checkProbabilities(fromLogits, Function.SIGMOID, violations);
      case LossSpec.CategoricalCrossentropy(boolean fromLogits) ->
          checkProbabilities(fromLogits, Function.SOFTMAX, violations);
      case LossSpec.Mse _, LossSpec.Mae _ -> {}
    }
    switch (trained.values()) {
      case null -> {}
      case TargetValues.Classes(int count) -> checkClasses(count, violations);
      case TargetValues.Numbers numbers -> checkNumbers(numbers.shape(), violations);
    }
  }

  private void checkProbabilities(boolean fromLogits, Function wanted, Violations violations) {
    if (!fromLogits && trained.activation().function() != wanted) {
      String linear =
          trained.activation().isLinear()
              ? ", or keep it linear and use {\"type\": \"%s\", \"from_logits\": true}"
                  .formatted(loss.type())
              : "";
      violations.add(
          trained.lossPointer(),
          "%s expects the output '%s' to end in %s, but it ends in %s: change its activation to %s%s"
              .formatted(
                  loss.type(),
                  trained.output(),
                  wanted.word(),
                  trained.activation().function().word(),
                  wanted.word(),
                  linear));
    }
  }

  private void checkClasses(int count, Violations violations) {
    boolean perClass = loss instanceof LossSpec.CategoricalCrossentropy;
    if (!perClass && count > 2) {
      violations.add(
          trained.lossPointer(),
          "%s separates two classes, but target '%s' has %d: use categorical_crossentropy and %d units with softmax"
              .formatted(loss.type(), trained.target(), count, count));
      return;
    }
    Shape expected = Shape.of(perClass ? count : 1);
    if (!trained.shape().equals(expected)) {
      String way =
          perClass && count == 2 && trained.shape().equals(Shape.of(1))
              ? "; for one unit use sigmoid and binary_crossentropy"
              : new ShapeAdvice(trained, expected).text();
      violations.add(
          trained.unitsPointer(),
          "%s on the %d classes of target '%s' expects %s, but '%s' gives %s%s"
              .formatted(
                  loss.type(),
                  count,
                  trained.target(),
                  expected,
                  trained.output(),
                  trained.shape(),
                  way));
    }
  }

  private void checkNumbers(Shape shape, Violations violations) {
    if (!trained.shape().equals(shape)) {
      violations.add(
          trained.unitsPointer(),
          "Target '%s' has %s per row, but '%s' gives %s%s"
              .formatted(
                  trained.target(),
                  shape,
                  trained.output(),
                  trained.shape(),
                  loss.isRegression() || !shape.equals(Shape.of(1))
                      ? new ShapeAdvice(trained, shape).text()
                      : "; for labels, give target '%s' \"type\": \"class\""
                          .formatted(trained.target())));
    }
  }
}
