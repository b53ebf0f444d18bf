package io.trainyard.spec.check;

import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.TransposedConvolutionSpec;
import io.trainyard.spec.layer.WindowSpec;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Looks for what can be trained and will likely disappoint; each warning names a way out. */
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
    warnings.linearStacks();
    warnings.softmaxOnOneUnit();
    warnings.batchNormOnOneRow();
    warnings.windowsBeyondTheInput();
    warnings.deadWeight();
    check.trainedOutputs().values().forEach(warnings::lossAndTarget);
    return List.copyOf(warnings.warnings);
  }

  /** Linear layers in a row are one linear layer. */
  private void linearStacks() {
    // By layer, the dense layer whose output reaches it through linear layers alone.
    Map<String, Layer> linear = new TreeMap<>();
    for (Layer layer : network.layers()) {
      boolean dense = layer.spec() instanceof CoreSpec.Dense;
      Layer before = layer.inputs().size() == 1 ? linear.get(layer.inputs().getFirst()) : null;
      if (dense && before != null) {
        add(
            check.pointer(layer),
            "linear_stack",
            "'%1$s' and '%2$s' are linear with nothing non-linear between them: together they do what one dense layer in place of '%2$s' does (W = W2·W1, b = W2·b1 + b2). Give '%1$s' an activation such as relu, or leave it out"
                .formatted(before.name(), layer.name()));
      }
      if (!layer.spec().activation().isLinear() || network.outputs().contains(layer.name())) {
        continue;
      }
      Layer origin = dense ? layer : before;
      if (layer.spec().isAffine() && origin != null) {
        linear.put(layer.name(), origin);
      }
    }
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

  /** A window that mostly sees padding has weights that never learn. */
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
                      "'%s' reaches over %d elements where its input %s has %d: the rest is padding. Use a smaller kernel_size or dilation"
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
            "'%s' normalizes by the statistics of a batch, and a batch of 1 has none to speak of. Use a larger batch_size"
                .formatted(layer.name()));
      }
    }
  }

  /** What training would refuse and a model alone may have for a reason. */
  private void deadWeight() {
    if (check.training() != null) {
      return;
    }
    GradientReach learning = GradientReach.of(check);
    for (Layer layer : learning.unused()) {
      add(
          check.pointer(layer),
          "unused_layer",
          "Layer '%s' leads to no output and is computed for nothing. Name it in 'outputs', or leave it out"
              .formatted(layer.name()));
    }
    if (!check.model().targets().isEmpty()
        && check.shapes().layers().size() == network.layers().size()
        && learning.nothingIsTrainable()) {
      add(
          check.modelPointer() + "/network",
          "nothing_trainable",
          GradientReach.NOTHING_LEARNS + ". Set 'trainable' to true somewhere, or add a layer");
    }
  }

  private void lossAndTarget(TrainedOutput trained) {
    LossSpec loss = trained.loss();
    if (loss == null) {
      return;
    }
    boolean fromLogits =
        switch (loss) {
          case LossSpec.BinaryCrossentropy(boolean logits) -> logits;
          case LossSpec.CategoricalCrossentropy(boolean logits) -> logits;
          case LossSpec.Mse _, LossSpec.Mae _ -> false;
        };
    Function last = trained.activation().function();
    if (fromLogits && (last == Function.SOFTMAX || last == Function.SIGMOID)) {
      add(
          trained.lossPointer(),
          "logits_already_activated",
          "%s with from_logits applies %s itself, and '%s' already ends in %s. Leave from_logits out"
              .formatted(
                  loss.type(),
                  loss instanceof LossSpec.BinaryCrossentropy ? "sigmoid" : "softmax",
                  trained.output(),
                  last.word()));
    }
    switch (trained.values()) {
      case null -> {}
      case TargetValues.Classes _ -> regressionLossOnClasses(trained, loss);
      case TargetValues.Numbers(Shape shape) -> numbers(trained, loss);
    }
  }

  private void regressionLossOnClasses(TrainedOutput trained, LossSpec loss) {
    if (loss instanceof LossSpec.Mse || loss instanceof LossSpec.Mae) {
      add(
          trained.lossPointer(),
          "regression_loss_on_classes",
          "%s measures distances, but target '%s' is a class. Use sigmoid and binary_crossentropy, which learn faster and give probabilities"
              .formatted(loss.type(), trained.target()));
    }
  }

  private void numbers(TrainedOutput trained, LossSpec loss) {
    Function last = trained.activation().function();
    TargetSpec target = check.model().target(trained.target());
    boolean regression = loss instanceof LossSpec.Mse || loss instanceof LossSpec.Mae;
    if (!regression && !(scale(target) instanceof Scaling.Unit)) {
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
    } else if (regression && cannotReach(trained.activation(), scale(target))) {
      add(
          check.pointer(trained.layer()),
          "bounded_output",
          "'%s' ends in %s, which cannot reach all values of target '%s'. Use a linear output, or a 'scale' of the target that stays within the activation's range (unit for sigmoid, minmax for tanh)"
              .formatted(trained.output(), last.word(), trained.target()));
    }
  }

  private Scaling scale(TargetSpec target) {
    return target.source() instanceof TargetSpec.Source.Input(String input)
        ? check.model().input(input).scale()
        : target.scale();
  }

  /** Whether scaled values surely leave the range of the activation. */
  private static boolean cannotReach(ActivationSpec activation, Scaling scale) {
    return switch (scale) {
      case Scaling.Standard _ -> activation.isBounded() || activation.isNonNegative();
      case Scaling.MinMax _ -> activation.isNonNegative();
      case Scaling.None _, Scaling.Unit _, Scaling.Divide _ -> false;
    };
  }

  private void add(String pointer, String code, String detail) {
    warnings.add(new Warning(pointer, code, detail));
  }
}
