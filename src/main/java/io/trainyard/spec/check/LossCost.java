package io.trainyard.spec.check;

import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.Shape;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The numbers that losses keep for a backward pass, beside the outputs of the layers. */
public final class LossCost {
  /** The most tensors of the output's size that a loss without a kernel of its own keeps. */
  private static final long TENSORS = 12;

  private LossCost() {}

  /**
   * The numbers kept for one row.
   *
   * @param values of the targets, by name; a target that is missing here is not counted
   */
  public static long rowElements(
      ModelSpec model,
      NetworkShapes shapes,
      Map<String, TargetValues> values,
      TrainingSpec training) {
    long elements = 0;
    for (String target : model.targets().keySet()) {
      String output = model.outputOf(target);
      LossSpec loss = output == null ? null : training.losses().find(target, output);
      if (output != null && loss != null && shapes.layers().containsKey(output)) {
        Shape given = row(model, target, values.get(target), shapes, shapes.of(output));
        elements = Bytes.add(elements, elements(loss, given, shapes.of(output)));
      }
    }
    return elements;
  }

  private static @Nullable Shape row(
      ModelSpec model,
      String target,
      @Nullable TargetValues values,
      NetworkShapes shapes,
      Shape output) {
    if (model.target(target).source() instanceof TargetSpec.Source.LayerOutput(String layer)) {
      return shapes.layers().containsKey(layer) ? shapes.of(layer) : null;
    }
    return switch (values) {
      case null -> null;
      case TargetValues.Classes _ -> output;
      case TargetValues.Numbers numbers -> numbers.shape();
      case TargetValues.Survival _ -> TargetValues.Survival.SHAPE;
    };
  }

  private static long elements(LossSpec loss, @Nullable Shape target, Shape output) {
    return switch (loss) {
      case ExpressionLoss expression -> target == null ? 0 : expression.elements(target, output);
      case NumberLoss.Mse _,
          NumberLoss.Mae _,
          NumberLoss.Rmse _,
          NumberLoss.Huber _,
          NumberLoss.SmoothL1 _,
          NumberLoss.Poisson _,
          ClassLoss.BinaryCrossentropy _,
          ClassLoss.CategoricalCrossentropy _ ->
          0;
      case NumberLoss _, ClassLoss _ -> Bytes.multiply(output.elements(), TENSORS);
    };
  }
}
