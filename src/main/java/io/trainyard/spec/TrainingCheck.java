package io.trainyard.spec;

import io.trainyard.error.Violations;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a model, a training spec and the values of the targets fit each other. The same check
 * answers {@code models:validate} and guards a job's submission.
 *
 * @param values what the data says of each target, by target name; a target that is missing here is
 *     not checked
 * @param training null when only the model is looked at
 * @param modelPointer the model object's place in the body
 * @param trainingPointer the training object's place in the body
 */
public record TrainingCheck(
    ModelSpec model,
    NetworkShapes shapes,
    Map<String, TargetValues> values,
    @Nullable TrainingSpec training,
    String modelPointer,
    String trainingPointer) {
  public TrainingCheck {
    values = Map.copyOf(values);
  }

  /** Adds what cannot be trained. */
  public void check(Violations violations) {}

  /** What can be trained and will likely disappoint. */
  public List<Warning> warnings() {
    return List.of();
  }
}
