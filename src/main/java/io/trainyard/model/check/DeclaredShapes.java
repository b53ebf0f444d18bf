package io.trainyard.model.check;

import io.trainyard.error.Violation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shapes that a model object declares, for a check without data: one number per column. */
final class DeclaredShapes {
  private static final Pattern NUMBER = Pattern.compile("\\b[1-9][0-9]{0,4}\\b");
  private static final int MAX_WIDTHS = 16;

  /** Tensors of that many axes more than numbers have. */
  private static final int MAX_MORE_AXES = 4;

  /** The length of an axis of such a tensor. */
  private static final int AXIS = 8;

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
                Shape row = Shape.of(input.declaredFeatures());
                shapes.put(
                    name, input.window() == null ? row : row.batched(input.window().length()));
              }
            });
    return shapes;
  }

  /**
   * Other shapes that the inputs of plain columns may have: a column of text takes one number per
   * category, and a column may hold tensors.
   *
   * @param faults found with {@link #inputs}; a width that their details name would mend them
   */
  static List<Map<String, Shape>> others(ModelSpec model, List<Violation> faults) {
    Map<String, Shape> declared = inputs(model);
    List<String> open =
        model.inputs().keySet().stream()
            .filter(name -> model.input(name).shape() == null && declared.containsKey(name))
            .toList();
    List<Map<String, Shape>> others = new ArrayList<>();
    for (int wider : open.isEmpty() ? List.<Integer>of() : widths(faults)) {
      for (int axes = 0; axes < MAX_MORE_AXES; axes++) {
        Map<String, Shape> shapes = new LinkedHashMap<>(declared);
        for (String name : open) {
          Shape shape = declared.getOrDefault(name, Shape.SCALAR);
          shapes.put(name, widened(shape, wider, axes));
        }
        others.add(shapes);
      }
    }
    return others;
  }

  /** Widths to try, at most {@link #MAX_WIDTHS} of them; 0 for one more than there are columns. */
  private static Set<Integer> widths(List<Violation> faults) {
    Set<Integer> widths = new LinkedHashSet<>();
    widths.add(0);
    for (Violation fault : faults) {
      Matcher number = NUMBER.matcher(fault.detail());
      while (number.find() && widths.size() < MAX_WIDTHS) {
        widths.add(Integer.parseInt(number.group()));
      }
    }
    return widths;
  }

  private static Shape widened(Shape shape, int width, int axes) {
    List<Integer> dims = new ArrayList<>(shape.dims());
    int columns = dims.removeLast();
    dims.addAll(Collections.nCopies(axes, AXIS));
    dims.add(width > 0 ? width : columns + 1);
    return new Shape(dims);
  }

  /** The values of the targets that declare a type, a shape or classes. */
  static Map<String, TargetValues> targets(ModelSpec model, Map<String, Shape> inputs) {
    Map<String, TargetValues> values = new LinkedHashMap<>();
    model
        .targets()
        .forEach(
            (name, target) -> {
              if (target.type() == TargetSpec.Type.SURVIVAL) {
                values.put(name, new TargetValues.Survival());
              } else if (!target.classes().isEmpty()) {
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
