package io.trainyard.spec.check;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a model, a training spec and the values of the targets fit together. Validation,
 * submission and import of a model use the same check.
 *
 * @param values what is known about the values of each target, by target name; a target that is
 *     missing here is not checked
 * @param training null when only the model is checked
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

  /** Adds a violation for everything that cannot be trained. */
  public void check(Violations violations) {
    if (training == null) {
      return;
    }
    checkOutputNames(training, violations);
    checkParts(violations);
    GradientReach reach = GradientReach.of(this);
    reach.checkUnused(violations);
    reach.checkTrainable(violations);
  }

  /** As {@link #check}, for a model of which some parts could not be read. */
  public void checkParts(Violations violations) {
    if (training == null) {
      return;
    }
    for (TrainedOutput trained : trainedOutputs().values()) {
      if (trained.loss() == null) {
        violations.add(
            trainingPointer + "/losses",
            "The output '%s', which target '%s' trains, has no loss"
                .formatted(trained.layer().name(), trained.target()));
      } else {
        new LossCheck(trained, trained.loss()).check(violations);
      }
    }
  }

  /** What can be trained but is probably a mistake. */
  public List<Warning> warnings() {
    return ModelWarnings.of(this);
  }

  private void checkOutputNames(TrainingSpec training, Violations violations) {
    List<String> outputs =
        model.targets().keySet().stream().map(model::outputOf).filter(Objects::nonNull).toList();
    for (String output : training.losses().keySet()) {
      if (!output.isEmpty() && !outputs.contains(output)) {
        violations.add(
            Violation.pointer(trainingPointer + "/losses", output),
            "No target trains an output '%s'; the trained outputs are %s"
                .formatted(JsonObject.shorten(output), outputs));
      }
    }
    for (String output : training.lossWeights().keySet()) {
      if (!outputs.contains(output)) {
        violations.add(
            Violation.pointer(trainingPointer + "/loss_weights", output),
            "No target trains an output '%s'; the trained outputs are %s"
                .formatted(JsonObject.shorten(output), outputs));
      }
    }
  }

  /** The outputs that targets train, by output name; those without a known shape are left out. */
  Map<String, TrainedOutput> trainedOutputs() {
    Map<String, TrainedOutput> trained = new LinkedHashMap<>();
    for (String target : model.targets().keySet()) {
      String output = model.outputOf(target);
      if (output != null && shapes.layers().containsKey(output)) {
        Layer layer = model.network().layer(output);
        trained.put(
            output,
            new TrainedOutput(
                target, values(target), layer, shapes.of(output), loss(output), this));
      }
    }
    return trained;
  }

  private @Nullable LossSpec loss(String output) {
    if (training == null) {
      return null;
    }
    LossSpec own = training.losses().get(output);
    return own == null ? training.losses().get("") : own;
  }

  private @Nullable TargetValues values(String target) {
    if (model.target(target).source() instanceof TargetSpec.Source.LayerOutput(String layer)) {
      return shapes.layers().containsKey(layer) ? new TargetValues.Numbers(shapes.of(layer)) : null;
    }
    return values.get(target);
  }

  String pointer(Layer layer) {
    return Violation.pointer(modelPointer + "/network/layers", layer.index());
  }

  /** The place of an output's loss. */
  String lossPointer(String output) {
    boolean own = training != null && training.losses().containsKey(output);
    return own ? Violation.pointer(trainingPointer + "/losses", output) : trainingPointer + "/loss";
  }

  /**
   * An output with its target and loss.
   *
   * @param values null when they are not known
   * @param shape of the output's row
   * @param loss null when there is none
   */
  record TrainedOutput(
      String target,
      @Nullable TargetValues values,
      Layer layer,
      Shape shape,
      @Nullable LossSpec loss,
      TrainingCheck check) {

    String output() {
      return layer.name();
    }

    /** The activation that the output ends in, also at the end of a nested model. */
    ActivationSpec activation() {
      return check.model().network().computing(layer.name()).spec().activation();
    }

    /** The member that decides the shape of the output: {@code units} of a dense layer. */
    String unitsPointer() {
      String pointer = check.pointer(layer);
      return layer.spec() instanceof CoreSpec.Dense ? pointer + "/units" : pointer;
    }

    String lossPointer() {
      return check.lossPointer(output());
    }
  }
}
