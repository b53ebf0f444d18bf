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
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.TabularSpec;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
    checkAverages(violations);
    PhasedCheck phased = phased();
    if (phased != null) {
      phased.check(violations);
      return;
    }
    GradientReach.of(this).checkUnused(violations);
    checkPart(modelPointer + "/network", true, violations);
  }

  /**
   * Each member has a loss of its own only where nothing but the network's end reads their mean.
   */
  private void checkAverages(Violations violations) {
    Map<String, Layer> averages = new LinkedHashMap<>();
    for (Layer layer : model.network().layers()) {
      boolean nested = NestedSpec.isInner(layer.name());
      if (layer.spec() instanceof TabularSpec.AverageMembers && !nested) {
        averages.put(layer.name(), layer);
      }
    }
    for (Layer reader : averages.isEmpty() ? List.<Layer>of() : model.network().layers()) {
      for (String input : reader.inputs()) {
        Layer average = averages.get(input);
        if (average != null && !(reader.spec() instanceof NestedSpec.Exit)) {
          violations.add(
              pointer(average),
              "average_members is the last layer of its branch, but '%1$s' reads '%2$s': put '%1$s' before '%2$s', so that it computes on each member"
                  .formatted(reader.name(), input));
        }
      }
    }
  }

  private @Nullable PhasedCheck phased() {
    return training == null || training.phases().isEmpty()
        ? null
        : new PhasedCheck(this, training.phases());
  }

  /**
   * Checks one training: a whole one, or a phase.
   *
   * @param trained the place that decides which layers are trained
   * @param complete whether the whole model could be read
   */
  void checkPart(String trained, boolean complete, Violations violations) {
    if (training == null) {
      return;
    }
    if (!complete) {
      checkParts(violations);
      return;
    }
    checkOutputNames(training, violations);
    checkParts(violations);
    GradientReach reach = GradientReach.of(this);
    reach.checkNotNothing(trained, violations);
    if (training.optimizer().learnsFromErrors()) {
      new PerceptronCheck(this, training).checkLayers(reach.trainable(), violations);
    } else {
      reach.checkReached(violations);
    }
  }

  /** As {@link #check}, for a model of which some parts could not be read. */
  public void checkParts(Violations violations) {
    PhasedCheck phased = phased();
    if (phased != null) {
      phased.checkParts(violations);
      return;
    }
    if (training == null) {
      return;
    }
    new OptimizerCheck(this, training).check(violations);
    new DiagnosticsCheck(this, training).check(violations);
    new FullBatchCheck(this, training).check(violations);
    if (training.optimizer().learnsFromErrors()) {
      new PerceptronCheck(this, training).check(violations);
    }
    new ScheduleCheck(training, trainingPointer).check(violations);
    Map<String, TrainedOutput> outputs = trainedOutputs();
    for (TrainedOutput trained : outputs.values()) {
      if (trained.loss() == null) {
        violations.add(
            trainingPointer + "/losses",
            "The output '%s', which target '%s' trains, has no loss"
                .formatted(trained.layer().name(), trained.target()));
      } else {
        new LossCheck(trained, trained.loss()).check(violations);
      }
    }
    new MetricCheck(this, training, List.copyOf(outputs.values())).check(violations);
    new CertaintyCheck(this, training, List.copyOf(outputs.values())).check(violations);
    new EnsembleCheck(this, training, List.copyOf(outputs.values())).check(violations);
  }

  /** The metrics of each target. Where it is not known which fit, all that are listed for it. */
  public Map<String, List<MetricSpec>> metrics() {
    Map<String, List<MetricSpec>> metrics = new LinkedHashMap<>();
    if (training == null) {
      return metrics;
    }
    for (String target : model.targets().keySet()) {
      metrics.put(target, training.metrics(target));
    }
    for (TrainedOutput trained : trainedOutputs().values()) {
      MeasuredOutput measured = trained.measured();
      if (measured != null) {
        metrics.put(trained.target(), training.metrics(trained.target(), measured));
      }
    }
    return metrics;
  }

  /** The metrics of each target by phase; those of a training without phases under "". */
  public Map<String, Map<String, List<MetricSpec>>> metricsByPhase() {
    PhasedCheck phased = phased();
    return phased == null ? Map.of("", metrics()) : phased.metrics();
  }

  /** What can be trained but is probably a mistake. */
  public List<Warning> warnings() {
    PhasedCheck phased = phased();
    if (phased == null) {
      return ModelWarnings.of(this);
    }
    List<Warning> warnings = new ArrayList<>(ModelWarnings.ofNetwork(this));
    warnings.addAll(phased.warnings());
    return warnings;
  }

  private void checkOutputNames(TrainingSpec training, Violations violations) {
    List<String> outputs =
        model.targets().keySet().stream().map(model::outputOf).filter(Objects::nonNull).toList();
    checkNames("/losses", training.losses().byOutput().keySet(), outputs, violations);
    checkNames("/loss_weights", training.losses().weights().keySet(), outputs, violations);
    for (String target : training.metrics().keySet()) {
      if (!target.isEmpty() && !model.targets().containsKey(target)) {
        violations.add(
            Violation.pointer(trainingPointer + "/metrics", target),
            "There is no target '%s'; the targets are %s"
                .formatted(JsonObject.shorten(target), model.targets().keySet()));
      }
    }
  }

  /** Each name must be a trained output or a target, and no output may be meant twice. */
  private void checkNames(
      String member, Set<String> names, List<String> outputs, Violations violations) {
    for (String name : names) {
      String at = Violation.pointer(trainingPointer + member, name);
      String output = model.targets().containsKey(name) ? model.outputOf(name) : null;
      if (!name.isEmpty() && !outputs.contains(name) && !model.targets().containsKey(name)) {
        violations.add(
            at,
            "No target trains an output '%s'; the trained outputs are %s"
                .formatted(JsonObject.shorten(name), outputs));
      } else if (output != null && !outputs.contains(name) && names.contains(output)) {
        violations.add(
            at,
            "The target '%s' trains the output '%s', which is given too"
                .formatted(JsonObject.shorten(name), output));
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
                target,
                values(target),
                layer,
                shapes.of(output),
                training == null ? null : training.losses().find(target, output),
                this));
      }
    }
    return trained;
  }

  private @Nullable TargetValues values(String target) {
    if (model.target(target).source() instanceof TargetSpec.Source.LayerOutput(String layer)) {
      return shapes.layers().containsKey(layer) ? new TargetValues.Numbers(shapes.of(layer)) : null;
    }
    return values.get(target);
  }

  String pointer(Layer layer) {
    return layer.pointer(modelPointer + "/network");
  }

  /** The place of a loss. */
  private String lossPointer(String target, String output) {
    String key = training == null ? "" : training.losses().key(target, output);
    return key.isEmpty()
        ? trainingPointer + "/loss"
        : Violation.pointer(trainingPointer + "/losses", key);
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

    /** What its metrics must know; null when that is not known. */
    @Nullable MeasuredOutput measured() {
      LossSpec given = loss;
      // A time and an event have no other loss, which is told at the loss.
      boolean isRefused =
          values instanceof TargetValues.Survival && !(given instanceof NumberLoss.Cox);
      return given == null || values == null || isRefused
          ? null
          : MeasuredOutput.of(
              given, values instanceof TargetValues.Classes, shape, activation().function());
    }

    /** The member that decides the shape of the output: {@code units} of a dense layer. */
    String unitsPointer() {
      String pointer = check.pointer(layer);
      return layer.spec() instanceof CoreSpec.Dense ? pointer + "/units" : pointer;
    }

    String scalePointer() {
      return Violation.pointer(check.modelPointer + "/targets", target) + "/scale";
    }

    String lossPointer() {
      return check.lossPointer(target, output());
    }
  }
}
