package io.trainyard.model.review;

import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** The shapes that a model object declares, for a review without data: one number per column. */
final class DeclaredShapes {
  private DeclaredShapes() {}

  /** The row shapes of the inputs; without inputs that take all columns. */
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

  /** The values of the targets that declare a type, a shape or classes. */
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
