package io.trainyard.model.review;

import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a model object itself says about shapes, for want of data: one number per listed column. */
final class ListedShapes {
  private ListedShapes() {}

  /** Row shapes of the inputs; an input that takes all columns is left out. */
  static Map<String, Shape> inputs(ModelSpec model) {
    if (model.takesRawTensors()) {
      return model.network().inputs();
    }
    Map<String, Shape> shapes = new LinkedHashMap<>();
    model
        .inputs()
        .forEach(
            (name, input) -> {
              if (input.shape() != null) {
                shapes.put(name, input.shape());
              } else if (!input.columns().isEmpty()) {
                Shape row = Shape.of(input.columns().size());
                shapes.put(
                    name, input.window() == null ? row : row.batched(input.window().length()));
              }
            });
    return shapes;
  }

  /** Values of the targets that say what they are. */
  static Map<String, TargetValues> targets(ModelSpec model, Map<String, Shape> inputs) {
    Map<String, TargetValues> values = new LinkedHashMap<>();
    model
        .targets()
        .forEach(
            (name, target) -> {
              if (!target.classes().isEmpty()) {
                values.put(name, new TargetValues.Classes(target.classes().size()));
              } else if (target.source() instanceof TargetSpec.Source.Input(String input)
                  && inputs.containsKey(input)) {
                values.put(
                    name, new TargetValues.Numbers(inputs.getOrDefault(input, Shape.SCALAR)));
              } else if (target.shape() != null) {
                values.put(name, new TargetValues.Numbers(target.shape()));
              } else if (target.type() == TargetSpec.Type.NUMBER
                  && target.source() instanceof TargetSpec.Source.Columns columns
                  && columns.columns().size() > 1) {
                values.put(name, new TargetValues.Numbers(Shape.of(columns.columns().size())));
              }
            });
    return values;
  }
}
