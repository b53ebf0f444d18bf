package io.trainyard.crash;

import io.trainyard.engine.TestEngine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.spec.check.TrainingCheck;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.Shape;
import java.util.Map;

/**
 * A network and its training, which the checks of a job allow.
 *
 * @param classes of the target's labels; 0 for numbers
 * @param validationRows at most as many as the training has
 * @param modelText the model, in JSON with ' for "
 * @param trainingText likewise
 */
public record NetworkCase(
    ModelSpec model,
    NetworkShapes shapes,
    TrainingSpec training,
    int classes,
    int validationRows,
    String modelText,
    String trainingText) {
  /**
   * Reads and checks both specs.
   *
   * @param inputs the shapes of the inputs' rows
   * @throws io.trainyard.error.ServiceException when they are not valid
   */
  static NetworkCase of(
      String modelText,
      String trainingText,
      Map<String, Shape> inputs,
      int classes,
      int validationRows) {
    ModelSpec model = TestEngine.model(modelText);
    TrainingSpec training = TestEngine.training(trainingText);
    NetworkShapes shapes = TestEngine.shapes(model, inputs);
    TargetValues values =
        classes > 0
            ? new TargetValues.Classes(classes)
            : new TargetValues.Numbers(shapes.of(model.network().outputs().getFirst()));
    Violations violations = new Violations();
    new TrainingCheck(model, shapes, Map.of("t", values), training, "/model", "/training")
        .check(violations);
    violations.throwIfAny();
    return new NetworkCase(
        model, shapes, training, classes, validationRows, modelText, trainingText);
  }

  TrainingPlan plan() {
    return new TrainingPlan(
        model.network(), shapes, model.targets(), training, 1, Map.of(), 2, Device.CPU);
  }

  public String output() {
    return model.network().outputs().getFirst();
  }

  /** Both specs. */
  public String text() {
    return modelText + " " + trainingText;
  }

  @Override
  public String toString() {
    return text();
  }
}
