package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;

/** Checks that one output, its loss and the values of its target fit together. */
record LossCheck(TrainedOutput trained, LossSpec loss) {

  void check(Violations violations) {
    new LossActivation(trained, loss).check(violations);
    switch (trained.values()) {
      case null -> checkOutput(violations);
      case TargetValues.Survival _ -> checkSurvival(violations);
      case TargetValues.Classes(int count) -> {
        if (checkOutput(violations)) {
          checkClasses(count, violations);
        }
      }
      case TargetValues.Numbers numbers -> {
        if (checkOutput(violations)) {
          checkNumbers(numbers.shape(), violations);
        }
      }
    }
  }

  /** What the loss needs of the output, whatever the target; false when a violation was added. */
  private boolean checkOutput(Violations violations) {
    Shape shape = trained.shape();
    if (loss instanceof NumberLoss.Cosine && shape.last() < 2) {
      violations.add(
          trained.lossPointer(),
          "cosine compares directions, but '%s' gives %s: train several outputs, or use mse"
              .formatted(trained.output(), shape));
      return false;
    }
    if (loss instanceof NumberLoss.GaussianNll && shape.last() % 2 != 0) {
      violations.add(
          trained.unitsPointer(),
          "gaussian_nll expects a mean and a log variance for each number, but '%s' gives %s: use twice as many units as the target has numbers"
              .formatted(trained.output(), shape));
      return false;
    }
    return true;
  }

  /** The output is one log risk; batches need rows to compare. */
  private void checkSurvival(Violations violations) {
    if (!(loss instanceof NumberLoss.Cox)) {
      violations.add(
          trained.lossPointer(),
          "%s does not compare rows with one another, as target '%s', a time and an event, needs: use cox. For an expression of both numbers leave its type out"
              .formatted(loss.type(), trained.target()));
      return;
    }
    if (!trained.shape().equals(Shape.of(1))) {
      violations.add(
          trained.unitsPointer(),
          "The output of survival target '%s' is one log risk, [1], but '%s' gives %s%s"
              .formatted(
                  trained.target(),
                  trained.output(),
                  trained.shape(),
                  new ShapeAdvice(trained, Shape.of(1)).text()));
    }
    TrainingSpec training = trained.check().training();
    if (training == null) {
      return;
    }
    if (training.batchSize() < 2) {
      violations.add(
          trained.check().trainingPointer() + "/batch_size",
          "cox compares the rows of a batch with one another, so it needs at least 2, got 1");
    }
    if (training.rowWeights().column() != null) {
      violations.add(
          trained.check().trainingPointer() + "/sample_weight",
          "cox compares rows with one another and gives none a weight of its own: leave"
              + " sample_weight out");
    }
  }

  private void checkClasses(int count, Violations violations) {
    if (loss instanceof NumberLoss.Cox) {
      violations.add(trained.lossPointer(), needsSurvival());
      return;
    }
    if (loss instanceof NumberLoss.GaussianNll) {
      violations.add(
          trained.lossPointer(),
          "gaussian_nll is for numbers, but target '%s' is a class: use categorical_crossentropy and %d units with softmax"
              .formatted(trained.target(), count));
      return;
    }
    boolean perClass = isPerClass(count);
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
    } else if (loss instanceof ExpressionLoss expression) {
      checkExpression(expression, expected, violations);
    }
  }

  /** Whether the loss compares one output for each class. */
  private boolean isPerClass(int count) {
    boolean oneUnit = trained.shape().equals(Shape.of(1));
    return switch (loss) {
      case ClassLoss.CategoricalCrossentropy _, ClassLoss.Nll _, ClassLoss.KlDivergence _ -> true;
      case ClassLoss.Focal _ ->
          count > 2
              || trained.activation().function() == Function.SOFTMAX
              || (trained.activation().function() != Function.SIGMOID && !oneUnit);
      case ExpressionLoss _ -> !(oneUnit && count == 2);
      case NumberLoss.Cosine _ -> true;
      case NumberLoss _,
          ClassLoss.BinaryCrossentropy _,
          ClassLoss.Hinge _,
          ClassLoss.SquaredHinge _ ->
          false;
    };
  }

  private String needsSurvival() {
    return "cox is for a time and an event, which target '%s' is not: give it \"type\": \"survival\", \"columns\": [\"time\", \"event\"]"
        .formatted(trained.target());
  }

  private void checkNumbers(Shape shape, Violations violations) {
    if (loss instanceof NumberLoss.Cox) {
      violations.add(trained.lossPointer(), needsSurvival());
      return;
    }
    if (loss instanceof ExpressionLoss expression) {
      if (expression.logits() != null) {
        violations.add(
            trained.lossPointer() + "/from_logits",
            "from_logits says what the output of a class is, but target '%s' is a number: leave it out"
                .formatted(trained.target()));
      }
      checkExpression(expression, shape, violations);
      checkUnscaled(shape, violations);
      return;
    }
    Shape expected =
        loss instanceof NumberLoss.GaussianNll ? shape.withLast(2 * shape.last()) : shape;
    if (!trained.shape().equals(expected)) {
      String way =
          loss.isRegression() || !shape.equals(Shape.of(1))
              ? new ShapeAdvice(trained, expected).text()
              : "; for labels, give target '%s' \"type\": \"class\"".formatted(trained.target());
      violations.add(
          trained.unitsPointer(),
          "Target '%s' has %s per row, %sbut '%s' gives %s%s"
              .formatted(
                  trained.target(),
                  shape,
                  expected.equals(shape)
                      ? ""
                      : "so gaussian_nll expects %s, the means and then the log variances, "
                          .formatted(expected),
                  trained.output(),
                  trained.shape(),
                  way));
    }
  }

  /** An output of another shape is predicted as it is: its numbers are not those of the target. */
  private void checkUnscaled(Shape target, Violations violations) {
    TargetSpec spec = trained.check().model().targets().get(trained.target());
    if (spec != null && spec.isScaled() && trained.shape().elements() != target.elements()) {
      violations.add(
          trained.scalePointer(),
          "Target '%s' has %s per row and '%s' gives %s, which is predicted as it is, so no scale can be undone: leave 'scale' out, or give the output the target's shape"
              .formatted(trained.target(), target, trained.output(), trained.shape()));
    }
  }

  private void checkExpression(ExpressionLoss expression, Shape target, Violations violations) {
    try {
      long _ = expression.elements(target, trained.shape());
    } catch (IllegalArgumentException e) {
      violations.add(
          trained.lossPointer() + "/expression",
          "%s; of a row, y_true is %s and y_pred is %s"
              .formatted(e.getMessage(), target, trained.shape()));
    }
  }
}
