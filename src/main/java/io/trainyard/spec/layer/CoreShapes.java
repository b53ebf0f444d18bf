package io.trainyard.spec.layer;

import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Shapes of the layers every network has: dense, activation, dropout, flatten. */
public final class CoreShapes {
  private CoreShapes() {}

  /** {@code [..., in]} to {@code [..., units]}; in·units + units weights. */
  public static LayerShape dense(CoreSpec.Dense dense, LayerInputs inputs) {
    Shape input = inputs.atLeast(1);
    int in = input.last();
    int units = dense.units();
    Shape output = input.withLast(units);
    checkActivation(dense.activation(), output, inputs);
    WeightRules rules = dense.rules();
    List<WeightSpec> weights = new ArrayList<>();
    weights.add(inputs.weight("weight", rules.initializer(), in, units, units, in));
    if (dense.bias()) {
      weights.add(inputs.weight("bias", rules.biasInitializer(), in, units, units));
    }
    long product = Math.multiplyExact((long) in, units);
    String formula =
        dense.bias()
            ? "%s → %s; parameters in·units + units = %d·%d + %d = %d"
                .formatted(input, output, in, units, units, product + units)
            : "%s → %s; parameters in·units = %d·%d = %d"
                .formatted(input, output, in, units, product);
    long multiplyAdds = Math.multiplyExact(product, input.elements() / in);
    return new LayerShape(inputs.shapes(), output, weights, formula, multiplyAdds);
  }

  public static LayerShape activation(CoreSpec.Activation activation, LayerInputs inputs) {
    checkActivation(activation.activation(), inputs.only(), inputs);
    return unchanged(inputs);
  }

  /** A layer that keeps its input's shape and has no weights. */
  public static LayerShape unchanged(LayerInputs inputs) {
    Shape input = inputs.only();
    return new LayerShape(inputs.shapes(), input, List.of(), "as the input: " + input, 0);
  }

  /** A tensor that enters a nested model. */
  public static LayerShape entry(NestedSpec.Entry entry, LayerInputs inputs) {
    String name = inputs.layer().name();
    if (!inputs.only().equals(entry.expected())) {
      throw new IllegalArgumentException(
          "Layer '%s' expects %s but '%s' gives %s"
              .formatted(
                  name.substring(0, name.lastIndexOf(NestedSpec.SEPARATOR)),
                  entry.expected(),
                  inputs.layer().inputs().getFirst(),
                  inputs.only()));
    }
    return unchanged(inputs);
  }

  public static LayerShape flatten(LayerInputs inputs) {
    Shape input = inputs.only();
    Shape output = Shape.of(Math.toIntExact(input.elements()));
    String product = input.dims().stream().map(String::valueOf).collect(Collectors.joining("·"));
    String formula = product + " = " + output.last();
    return new LayerShape(inputs.shapes(), output, List.of(), formula, 0);
  }

  /** Softmax runs along the last axis, so there must be one. */
  static void checkActivation(ActivationSpec activation, Shape shape, LayerInputs inputs) {
    if (activation.runsAlongAxis() && shape.rank() == 0) {
      throw inputs.fault("applies softmax along the last axis, but its input has none");
    }
  }
}
