package io.trainyard.spec.check;

import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.SwappedChannels;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.Padding;
import io.trainyard.spec.layer.WindowSpec;
import io.trainyard.tensor.Shape;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Layers that can be trained but are probably not what was meant, whatever the loss. */
final class LayerWarnings {
  private final TrainingCheck check;
  private final NetworkSpec network;
  private final List<Warning> warnings = new ArrayList<>();

  private LayerWarnings(TrainingCheck check) {
    this.check = check;
    this.network = check.model().network();
  }

  static List<Warning> of(TrainingCheck check) {
    LayerWarnings warnings = new LayerWarnings(check);
    warnings.layouts();
    warnings.receptiveFields();
    warnings.hiddenSoftmax();
    warnings.kerasMomentum();
    warnings.misalignedExpressions();
    return List.copyOf(warnings.warnings);
  }

  /**
   * A stack of causal convolutions that looks further back than the series is long: the early
   * layers alone see all of it.
   */
  private void receptiveFields() {
    Map<String, Long> fields = new TreeMap<>();
    for (Layer layer : network.layers()) {
      LayerShape shape = check.shapes().layers().get(layer.name());
      if (shape == null || layer.inputs().size() != 1) {
        continue;
      }
      Long before = fields.get(layer.inputs().getFirst());
      if (layer.spec() instanceof ConvolutionSpec.Convolution convolution
          && convolution.window().padding() instanceof Padding.Causal
          && convolution.window().strides().equals(List.of(1))) {
        Shape input = shape.inputs().getFirst();
        WindowSpec.Span span =
            convolution.window().spans(convolution.dataFormat().spatial(input)).getFirst();
        long field = (before == null ? 1 : before) + span.reach() - 1;
        fields.put(layer.name(), field);
        if (before != null && before <= span.length() && field > span.length()) {
          add(
              check.pointer(layer),
              "receptive_field_beyond_input",
              "The causal convolutions up to '%s' look back over %d steps, but the series has %d: the rest is padding. Use fewer layers, or a smaller kernel_size or dilation"
                  .formatted(layer.name(), field, span.length()));
        }
      } else if (before != null && keepsSteps(layer.spec())) {
        fields.put(layer.name(), before);
      }
    }
  }

  private static boolean keepsSteps(LayerSpec spec) {
    return switch (spec) {
      case NormSpec _, NoiseSpec _, CoreSpec.Dense _, CoreSpec.Activation _, CoreSpec.Dropout _ ->
          true;
      default -> false;
    };
  }

  /** Images whose channels are taken for rows or columns. */
  private void layouts() {
    SwappedChannels.Search search = new SwappedChannels.Search(check.shapes().inputs(), false);
    for (Layer layer : network.layers()) {
      search
          .next(layer)
          .ifPresent(
              mistake ->
                  add(
                      check.pointer(layer),
                      "swapped_channels",
                      capitalized(mistake.advice())
                          + ", or leave it if these are not the channels of an image"));
    }
  }

  private static String capitalized(String sentence) {
    return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
  }

  /** Softmax between layers lets only one unit at a time pass anything on. */
  private void hiddenSoftmax() {
    for (Layer layer : network.layers()) {
      boolean hidden =
          layer.spec() instanceof CoreSpec.Dense
              && layer.spec().activation().function() == Function.SOFTMAX
              && !network.outputs().contains(layer.name());
      if (hidden && isReadByDenseOnly(layer)) {
        add(
            check.pointer(layer),
            "hidden_softmax",
            "'%s' applies softmax between dense layers, so its units compete to add up to 1 and little gradient passes. In hidden layers use relu or tanh"
                .formatted(layer.name()));
      }
    }
  }

  private boolean isReadByDenseOnly(Layer layer) {
    List<Layer> readers =
        network.layers().stream().filter(reader -> reader.inputs().contains(layer.name())).toList();
    return !readers.isEmpty()
        && readers.stream().allMatch(reader -> reader.spec() instanceof CoreSpec.Dense);
  }

  /** A momentum for Keras, where it is the share of the old statistics. */
  private void kerasMomentum() {
    for (Layer layer : network.layers()) {
      if (layer.spec() instanceof NormSpec.BatchNorm norm
          && norm.momentum() >= 0.9
          && norm.momentum() < 1) {
        add(
            check.pointer(layer) + "/momentum",
            "keras_momentum",
            "momentum is the share of the new batch, as in PyTorch: with %s the running statistics are almost those of the last batch. Keras's %1$s is %s here"
                .formatted(
                    norm.momentum(),
                    BigDecimal.ONE.subtract(BigDecimal.valueOf(norm.momentum())).toPlainString()));
      }
    }
  }

  /** Expressions whose shapes fit by chance. */
  private void misalignedExpressions() {
    for (Layer layer : network.layers()) {
      LayerShape shape = check.shapes().layers().get(layer.name());
      if (shape != null && layer.spec() instanceof LambdaSpec lambda) {
        String advice = lambda.misaligned(layer, shape.inputs());
        if (advice != null) {
          add(check.pointer(layer) + "/expression", "misaligned_axes", advice);
        }
      }
    }
  }

  private void add(String pointer, String code, String detail) {
    warnings.add(new Warning(pointer, code, detail));
  }
}
