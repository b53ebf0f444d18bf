package io.trainyard.spec.layer;

import io.trainyard.spec.weights.InitializerSpec.Constant;
import io.trainyard.tensor.Shape;
import java.util.List;

/** Shapes of prelu and normalize. */
public final class ElementwiseShapes {
  private ElementwiseShapes() {}

  public static LayerShape infer(ElementwiseSpec spec, LayerInputs inputs) {
    Shape input = inputs.only();
    return switch (spec) {
      case ElementwiseSpec.PRelu _ ->
          new LayerShape(
              inputs.shapes(),
              input,
              List.of(inputs.weight("weight", new Constant(0.25), 1, 1, 1)),
              "as the input: " + input + "; parameters 1",
              0);
      case ElementwiseSpec.Normalize normalize -> {
        int channels = normalize.dataFormat().channels(inputs.atLeast(1));
        for (int given : new int[] {normalize.mean().size(), normalize.std().size()}) {
          if (given != 1 && given != channels) {
            throw inputs.fault(
                "has %d numbers for the %d channels of %s".formatted(given, channels, input));
          }
        }
        yield CoreShapes.unchanged(inputs);
      }
    };
  }
}
