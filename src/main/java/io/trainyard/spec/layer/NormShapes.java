package io.trainyard.spec.layer;

import io.trainyard.spec.weights.InitializerSpec.Constant;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Shapes and weights of normalizing layers: all keep their input's shape. */
public final class NormShapes {
  private NormShapes() {}

  public static LayerShape infer(NormSpec spec, LayerInputs inputs) {
    Shape input = inputs.atLeast(1);
    return switch (spec) {
      case NormSpec.BatchNorm norm -> batchNorm(norm.dataFormat().channels(input), inputs);
      case NormSpec.LayerNorm _ -> scaled(input.last(), inputs);
      case NormSpec.GroupNorm norm -> groupNorm(norm, norm.dataFormat().channels(input), inputs);
    };
  }

  private static LayerShape groupNorm(NormSpec.GroupNorm norm, int channels, LayerInputs inputs) {
    if (channels % norm.groups() != 0) {
      throw inputs.fault(
          "has %d groups, which must divide its %d channels".formatted(norm.groups(), channels));
    }
    return scaled(channels, inputs);
  }

  /** Scale and shift are trained; the running statistics are stored beside them. */
  private static LayerShape batchNorm(int features, LayerInputs inputs) {
    List<WeightSpec> weights = new ArrayList<>(scaleAndShift(features, inputs));
    weights.add(inputs.statistic("running_mean", ElementType.FLOAT32, 0, features));
    weights.add(inputs.statistic("running_var", ElementType.FLOAT32, 1, features));
    weights.add(inputs.statistic("num_batches_tracked", ElementType.INT64, 0));
    String formula =
        formula(features, inputs) + " (and %d running statistics)".formatted(2L * features);
    return shape(weights, formula, inputs);
  }

  private static LayerShape scaled(int features, LayerInputs inputs) {
    return shape(scaleAndShift(features, inputs), formula(features, inputs), inputs);
  }

  private static List<WeightSpec> scaleAndShift(int features, LayerInputs inputs) {
    return List.of(
        inputs.weight("weight", new Constant(1), features, features, features),
        inputs.weight("bias", new Constant(0), features, features, features));
  }

  private static String formula(int features, LayerInputs inputs) {
    return "as the input: %s; parameters 2·features = 2·%d = %d"
        .formatted(inputs.only(), features, 2L * features);
  }

  private static LayerShape shape(List<WeightSpec> weights, String formula, LayerInputs inputs) {
    Shape input = inputs.only();
    return new LayerShape(inputs.shapes(), input, weights, formula, input.elements());
  }
}
