package io.trainyard.spec.layer;

import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.InitializerSpec.Torch;
import io.trainyard.spec.weights.InitializerSpec.Uniform;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Shapes and weights of recurrent layers, named as in PyTorch. */
public final class RecurrentShapes {
  private RecurrentShapes() {}

  /** {@code [steps, in]} to {@code [steps, units]} or {@code [units]}, twice as wide both ways. */
  public static LayerShape infer(RecurrentSpec spec, LayerInputs inputs) {
    Shape input = inputs.image(1, DataFormat.CHANNELS_LAST);
    int steps = input.axis(0);
    if (steps < 1) {
      throw inputs.fault("needs at least one step but '" + inputs.name() + "' gives " + input);
    }
    int width = Math.multiplyExact(spec.units(), spec.directions());
    Shape output = spec.returnSequences() ? Shape.of(steps, width) : Shape.of(width);
    List<WeightSpec> weights = new ArrayList<>();
    long perStep = 0;
    for (int layer = 0; layer < spec.layers(); layer++) {
      int in = layer == 0 ? input.last() : width;
      for (int direction = 0; direction < spec.directions(); direction++) {
        add(weights, spec, in, RecurrentSpec.suffix(layer, direction), inputs);
        perStep += (long) spec.cell().gates() * spec.units() * ((long) in + spec.units());
      }
    }
    return new LayerShape(
        inputs.shapes(),
        output,
        weights,
        formula(spec, input, output, weights),
        Math.multiplyExact(perStep, steps));
  }

  private static void add(
      List<WeightSpec> weights, RecurrentSpec spec, int in, String suffix, LayerInputs inputs) {
    int units = spec.units();
    int rows = Math.multiplyExact(spec.cell().gates(), units);
    InitializerSpec bias = spec.rules().biasInitializer();
    InitializerSpec inputBias = spec.forgetBias() ? new InitializerSpec.ForgetGate() : bias;
    weights.add(
        inputs.weight(
            "weight_ih" + suffix, own(spec.rules().initializer(), units), in, rows, rows, in));
    weights.add(
        inputs.weight(
            "weight_hh" + suffix,
            own(spec.recurrentInitializer(), units),
            units,
            rows,
            rows,
            units));
    weights.add(inputs.weight("bias_ih" + suffix, own(inputBias, units), in, rows, rows));
    weights.add(inputs.weight("bias_hh" + suffix, own(bias, units), units, rows, rows));
  }

  /** PyTorch draws all weights of a recurrent layer from ±1/√units. */
  private static InitializerSpec own(InitializerSpec initializer, int units) {
    double bound = 1 / Math.sqrt(units);
    return initializer instanceof Torch ? new Uniform(-bound, bound) : initializer;
  }

  private static String formula(
      RecurrentSpec spec, Shape input, Shape output, List<WeightSpec> weights) {
    long parameters = weights.stream().mapToLong(weight -> weight.shape().elements()).sum();
    String gates = spec.cell().gates() == 1 ? "" : String.valueOf(spec.cell().gates());
    String text =
        "%s → %s; parameters %sh(i + h + 2) = %s%d·(%d + %d + 2)"
            .formatted(
                input,
                output,
                gates,
                gates.isEmpty() ? "" : gates + "·",
                spec.units(),
                input.last(),
                spec.units());
    String stacked =
        spec.layers() * spec.directions() == 1
            ? ""
            : ", and so for each of %d layers and %d directions"
                .formatted(spec.layers(), spec.directions());
    return text + stacked + " = " + parameters + note(spec, input);
  }

  private static String note(RecurrentSpec spec, Shape input) {
    if (spec.cell() != RecurrentSpec.Cell.LSTM || spec.layers() * spec.directions() > 1) {
      return "";
    }
    long oneBias = 4L * spec.units() * ((long) input.last() + spec.units() + 1);
    return " (PyTorch's two bias vectors; Keras's cell has one: 4h(i + h + 1) = " + oneBias + ")";
  }
}
