package io.trainyard.spec.check;

import io.trainyard.spec.InputSpec;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.TargetValues.Range;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.TransposedConvolutionSpec;
import io.trainyard.spec.layer.WindowSpec;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what can be trained but is probably a mistake. Each warning says what to do instead. */
final class ModelWarnings {
  private final TrainingCheck check;
  private final NetworkSpec network;
  private final List<Warning> warnings = new ArrayList<>();

  private ModelWarnings(TrainingCheck check) {
    this.check = check;
    this.network = check.model().network();
  }

  static List<Warning> of(TrainingCheck check) {
    ModelWarnings warnings = new ModelWarnings(check);
    warnings.warnings.addAll(LinearStacks.of(check));
    warnings.softmaxOnOneUnit();
    warnings.batchNormOnOneRow();
    warnings.windowsBeyondTheInput();
    warnings.warnings.addAll(LayerWarnings.of(check));
    warnings.unusedAndFrozen();
    warnings.nestedBesideFolds();
    check.trainedOutputs().values().forEach(warnings::lossAndTarget);
    return List.copyOf(warnings.warnings);
  }

  /** Those of the layers, whatever trains them. */
  static List<Warning> ofNetwork(TrainingCheck check) {
    ModelWarnings warnings = new ModelWarnings(check);
    warnings.warnings.addAll(LinearStacks.of(check));
    warnings.softmaxOnOneUnit();
    warnings.windowsBeyondTheInput();
    warnings.warnings.addAll(LayerWarnings.of(check));
    return List.copyOf(warnings.warnings);
  }

  /** Those of one phase's training. */
  static List<Warning> ofTraining(TrainingCheck check) {
    ModelWarnings warnings = new ModelWarnings(check);
    warnings.batchNormOnOneRow();
    check.trainedOutputs().values().forEach(warnings::lossAndTarget);
    return List.copyOf(warnings.warnings);
  }

  private void softmaxOnOneUnit() {
    for (Layer layer : network.layers()) {
      boolean known = check.shapes().layers().containsKey(layer.name());
      if (known
          && layer.spec().activation().runsAlongAxis()
          && check.shapes().of(layer.name()).last() == 1) {
        add(
            check.pointer(layer),
            "softmax_on_one_unit",
            "'%s' applies softmax to one unit, which always gives 1. For two classes use one unit with sigmoid and binary_crossentropy, or two units with softmax; for a number use a linear unit"
                .formatted(layer.name()));
      }
    }
  }

  /** Weights that only ever see padding are never trained. */
  private void windowsBeyondTheInput() {
    for (Layer layer : network.layers()) {
      if (!(layer.spec() instanceof ConvolutionSpec convolution)
          || convolution instanceof TransposedConvolutionSpec
          || !check.shapes().layers().containsKey(layer.name())) {
        continue;
      }
      Shape input = check.shapes().layer(layer.name()).inputs().getFirst();
      List<WindowSpec.Span> spans =
          convolution.window().spans(convolution.dataFormat().spatial(input));
      spans.stream()
          .filter(span -> span.reach() > span.length())
          .findFirst()
          .ifPresent(
              span ->
                  add(
                      check.pointer(layer),
                      "window_beyond_input",
                      "'%s' spans %d elements, but its input %s has %d: the rest is padding. Use a smaller kernel_size or dilation"
                          .formatted(layer.name(), span.reach(), input, span.length())));
    }
  }

  private void batchNormOnOneRow() {
    TrainingSpec training = check.training();
    if (training == null || training.batchSize() > 1) {
      return;
    }
    for (Layer layer : network.layers()) {
      if (layer.spec() instanceof NormSpec.BatchNorm && layer.trainable()) {
        add(
            check.trainingPointer() + "/batch_size",
            "batch_norm_on_one_row",
            "'%s' normalizes with the mean and variance of a batch, which one row does not have. Use a larger batch_size"
                .formatted(layer.name()));
      }
    }
  }

  /** Training refuses these; in a model without training they are only warnings. */
  private void unusedAndFrozen() {
    if (check.training() != null) {
      return;
    }
    GradientReach reach = GradientReach.of(check);
    for (Layer layer : reach.unused()) {
      add(
          check.pointer(layer),
          "unused_layer",
          "Layer '%s' leads to no output, so its result is not used. Name it in 'outputs', or remove it"
              .formatted(layer.name()));
    }
    if (!network.isForeign()
        && !check.model().targets().isEmpty()
        && check.shapes().isWholeOf(network)
        && reach.nothingIsTrainable()) {
      add(
          check.modelPointer() + "/network",
          "nothing_trainable",
          GradientReach.NOTHING_TRAINABLE + ". Set 'trainable' of a layer to true, or add a layer");
    }
  }

  private void nestedBesideFolds() {
    Ensemble ensemble = check.training() == null ? null : check.training().ensemble();
    if (ensemble == null || !ensemble.hasFolds()) {
      return;
    }
    network.layers().stream()
        .filter(layer -> layer.spec() instanceof NestedSpec.Entry)
        .map(check::pointer)
        .distinct()
        .forEach(
            pointer ->
                add(
                    pointer,
                    "nested_may_know_folds",
                    "The nested version may have been trained on rows that are out of fold here:"
                        + " what is measured and learned on them then looks better than it is."
                        + " Judge by test rows that it has not seen"));
  }

  private void lossAndTarget(TrainedOutput trained) {
    LossSpec loss = trained.loss();
    if (loss == null) {
      return;
    }
    Function last = trained.activation().function();
    if (loss.fromLogits() && (last == Function.SOFTMAX || last == Function.SIGMOID)) {
      add(
          trained.lossPointer(),
          "logits_already_activated",
          "%s with from_logits applies %s itself, and '%s' already ends in %s. Leave from_logits out"
              .formatted(
                  loss.type(),
                  loss.asksEachOutput(last) || trained.shape().last() == 1 ? "sigmoid" : "softmax",
                  trained.output(),
                  last.word()));
    }
    switch (trained.values()) {
      case null -> {}
      case TargetValues.Survival _ -> boundedRisk(trained, loss);
      case TargetValues.Classes _ -> {
        regressionLossOnClasses(trained, loss);
        unknownLogits(trained, loss);
      }
      case TargetValues.Numbers numbers -> numbers(trained, numbers.range(), loss);
    }
  }

  private void boundedRisk(TrainedOutput trained, LossSpec loss) {
    if (loss instanceof NumberLoss.Cox && !trained.activation().isLinear()) {
      add(
          check.pointer(trained.layer()),
          "bounded_output",
          "'%s' ends in %s, but a log risk may be any number. Use a linear output with cox"
              .formatted(trained.output(), trained.activation().function().word()));
    }
  }

  private void regressionLossOnClasses(TrainedOutput trained, LossSpec loss) {
    TrainingSpec training = check.training();
    boolean counted = training != null && training.optimizer().learnsFromErrors();
    if (loss instanceof NumberLoss && !counted) {
      add(
          trained.lossPointer(),
          "regression_loss_on_classes",
          "%s is for numbers, but target '%s' is a class. Use sigmoid and binary_crossentropy, which learn faster and give probabilities"
              .formatted(loss.type(), trained.target()));
    }
  }

  /** An expression takes the output as it is; only its caller knows what that is. */
  private void unknownLogits(TrainedOutput trained, LossSpec loss) {
    boolean unknown =
        loss instanceof ExpressionLoss expression
            && expression.logits() == null
            && trained.activation().function() != Function.LOG_SOFTMAX
            && !probabilities().contains(trained.layer().name());
    if (unknown) {
      add(
          trained.lossPointer(),
          "from_logits_unknown",
          "The layers do not show whether '%s' gives probabilities or logits, so its numbers are answered as probabilities, as they are. Write \"from_logits\": false if that is right, or true for logits, which predictions put through a %s"
              .formatted(trained.output(), trained.shape().last() == 1 ? "sigmoid" : "softmax"));
    }
  }

  /** The values that are certain to lie between 0 and 1, also where they are moved or averaged. */
  private Set<String> probabilities() {
    Set<String> certain = new HashSet<>();
    for (Layer layer : network.layers()) {
      boolean passesOn =
          layer.spec() instanceof NestedSpec.Exit
              || layer.spec().movesElements()
              || layer.spec().equals(new MergeSpec.Elementwise(MergeSpec.Operation.AVERAGE));
      if (passesOn
          ? certain.containsAll(layer.inputs())
          : layer.spec().activation().staysInUnitInterval()) {
        certain.add(layer.name());
      }
    }
    return certain;
  }

  private void numbers(TrainedOutput trained, @Nullable Range range, LossSpec loss) {
    Function last = trained.activation().function();
    if (loss instanceof ExpressionLoss) {
      return;
    }
    TargetSpec target = check.model().target(trained.target());
    boolean regression = loss.isRegression();
    boolean signs = loss instanceof ClassLoss.Hinge || loss instanceof ClassLoss.SquaredHinge;
    Set<Scaling> scales = scales(target);
    // The range is that of all columns together.
    Range own = scales.size() == 1 ? range : null;
    boolean probabilities =
        scales.stream()
            .allMatch(
                scale ->
                    scale instanceof Scaling.Unit
                        || (scale instanceof Scaling.None
                            && range != null
                            && range.isWithin(signs ? -1 : 0, 1)));
    if (needsPositive(loss) && scales.stream().anyMatch(scale -> hasNegative(scale, own))) {
      add(
          trained.lossPointer(),
          "loss_of_negative_numbers",
          "%s is for numbers from 0 up, but target '%s' has negative ones as it is encoded. Use mse or huber, or no 'scale' for counts and prices"
              .formatted(loss.type(), trained.target()));
    }
    if (!regression && !probabilities) {
      add(
          trained.lossPointer(),
          "classification_loss_on_numbers",
          "%s is for classes or values from 0 to 1, but target '%s' is a number. Use mse, or set its 'type' to class"
              .formatted(loss.type(), trained.target()));
    }
    if (regression && last == Function.SOFTMAX) {
      add(
          check.pointer(trained.layer()),
          "softmax_on_numbers",
          "'%s' ends in softmax, whose outputs lie between 0 and 1 and add up to 1, but target '%s' is a number. Use a linear output with %s"
              .formatted(trained.output(), trained.target(), loss.type()));
    } else if (regression
        && scales.stream().anyMatch(scale -> cannotReach(trained.activation(), scale, own))) {
      add(
          check.pointer(trained.layer()),
          "bounded_output",
          "'%s' ends in %s, which cannot reach all values of target '%s'. Use a linear output, or scale the target into the activation's range: \"scale\": \"unit\" for sigmoid, \"minmax\" for tanh"
              .formatted(trained.output(), last.word(), trained.target()));
    }
  }

  private static boolean needsPositive(LossSpec loss) {
    return loss instanceof NumberLoss.Poisson || loss instanceof NumberLoss.Msle;
  }

  /** Whether some scaled values are certain to lie below 0. */
  private static boolean hasNegative(Scaling scale, @Nullable Range range) {
    return switch (scale) {
      case Scaling.Standard _, Scaling.MinMax _, Scaling.Robust _, Scaling.Quantile _ -> true;
      case Scaling.Unit _ -> false;
      case Scaling.None _, Scaling.Divide _ -> range != null && range.min() < 0;
    };
  }

  /** How the columns of a target are scaled. */
  private Set<Scaling> scales(TargetSpec target) {
    return switch (target.source()) {
      case TargetSpec.Source.Columns(List<String> columns, boolean _) -> target.scale().of(columns);
      case TargetSpec.Source.Input(String name) -> {
        InputSpec input = check.model().input(name);
        yield input.scale().of(input.columns());
      }
      case TargetSpec.Source.LayerOutput _ -> Set.of(new Scaling.None());
    };
  }

  /** Whether some scaled values are certain to lie outside the range of the activation. */
  private static boolean cannotReach(
      ActivationSpec activation, Scaling scale, @Nullable Range range) {
    return switch (scale) {
      case Scaling.Standard _, Scaling.Robust _, Scaling.Quantile _ ->
          activation.isBounded() || activation.isNonNegative();
      case Scaling.MinMax _ -> activation.isNonNegative();
      case Scaling.None _ -> range != null && !activation.reaches(range.min(), range.max());
      case Scaling.Unit _, Scaling.Divide _ -> false;
    };
  }

  private void add(String pointer, String code, String detail) {
    warnings.add(new Warning(pointer, code, detail));
  }
}
