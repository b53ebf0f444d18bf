package io.trainyard.model.check;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.spec.check.TrainingCheck;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The checks of a spec against the data and the training it is meant for. Validation, submission,
 * storing and import all run this one.
 *
 * @param metrics what is measured of each target, by phase; without phases under ""
 */
public record SpecCheck(
    NetworkShapes shapes,
    List<Warning> warnings,
    Map<String, Map<String, List<MetricSpec>>> metrics) {
  private static final String TRAINING = "/training";

  public SpecCheck {
    warnings = List.copyOf(warnings);
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /**
   * Checks a spec whose columns have an encoding.
   *
   * @param encoding null for a model that takes tensors
   * @param plan of the rows it is meant for; null without rows
   * @param training null when the model is not about to be trained
   */
  public static SpecCheck of(
      SpecReader.ReadModel model,
      String modelPointer,
      @Nullable Encoding encoding,
      @Nullable DataPlan plan,
      @Nullable TrainingSpec training,
      Violations violations) {
    if (encoding == null) {
      Map<String, Shape> tensors = model.spec().network().inputs();
      return of(model, modelPointer, tensors, Map.of(), training, violations);
    }
    IndexedInputs.check(model.spec().network(), encoding, modelPointer, violations);
    Map<String, TargetValues> values = plan == null ? encoding.targetValues() : plan.targetValues();
    return of(model, modelPointer, encoding.inputShapes(), values, training, violations);
  }

  /**
   * Checks a spec.
   *
   * @param inputs the row shapes of the inputs; an input without one is not checked
   * @param values what the targets' values are; a target without any is not checked
   */
  static SpecCheck of(
      SpecReader.ReadModel model,
      String modelPointer,
      Map<String, Shape> inputs,
      Map<String, TargetValues> values,
      @Nullable TrainingSpec training,
      Violations violations) {
    ModelSpec spec = model.spec();
    IndexedInputs.checkLookups(spec.network(), modelPointer, violations);
    NetworkShapes shapes =
        ShapeInference.infer(spec.network(), inputs, modelPointer + "/network", violations);
    TrainingCheck check =
        new TrainingCheck(
            spec,
            shapes,
            values,
            spec.targets().isEmpty() ? null : training,
            modelPointer,
            TRAINING);
    if (!model.isComplete()) {
      check.checkParts(violations);
      return new SpecCheck(shapes, List.of(), check.metricsByPhase());
    }
    check.check(violations);
    return new SpecCheck(shapes, check.warnings(), check.metricsByPhase());
  }
}
