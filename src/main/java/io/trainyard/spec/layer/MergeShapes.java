package io.trainyard.spec.layer;

import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Shapes of layers of several inputs. */
public final class MergeShapes {
  private MergeShapes() {}

  public static LayerShape infer(MergeSpec spec, LayerInputs inputs) {
    return switch (spec) {
      case MergeSpec.Concat concat -> concat(concat, inputs);
      case MergeSpec.Elementwise merge -> elementwise(merge, inputs);
      case MergeSpec.Matmul _ -> matmul(inputs);
    };
  }

  private static LayerShape concat(MergeSpec.Concat concat, LayerInputs inputs) {
    inputs.count(2, Integer.MAX_VALUE);
    Shape first = inputs.shapes().getFirst();
    int axis = inputs.axis(concat.axis(), first);
    int length = 0;
    for (int i = 0; i < inputs.shapes().size(); i++) {
      Shape shape = inputs.shapes().get(i);
      if (!without(shape, axis).equals(without(first, axis)) || shape.rank() != first.rank()) {
        throw inputs.clash("expects shapes that differ in axis " + axis + " alone", i);
      }
      length = Math.addExact(length, shape.axis(axis));
    }
    List<Integer> dims = new ArrayList<>(first.dims());
    dims.set(axis, length);
    Shape output = new Shape(dims);
    String sum =
        String.join(
            " + ",
            inputs.shapes().stream().map(shape -> String.valueOf(shape.axis(axis))).toList());
    return new LayerShape(
        inputs.shapes(), output, List.of(), "axis %d: %s = %d".formatted(axis, sum, length), 0);
  }

  private static List<Integer> without(Shape shape, int axis) {
    List<Integer> dims = new ArrayList<>(shape.dims());
    if (axis < dims.size()) {
      dims.remove(/* index */ axis);
    }
    return dims;
  }

  private static LayerShape elementwise(MergeSpec.Elementwise merge, LayerInputs inputs) {
    boolean two = merge.operation() == MergeSpec.Operation.SUBTRACT;
    inputs.count(2, two ? 2 : Integer.MAX_VALUE);
    Shape first = inputs.shapes().getFirst();
    for (int i = 1; i < inputs.shapes().size(); i++) {
      if (!inputs.shapes().get(i).equals(first)) {
        throw inputs.clash("expects equal shapes", i);
      }
    }
    return new LayerShape(inputs.shapes(), first, List.of(), "as the inputs: " + first, 0);
  }

  private static LayerShape matmul(LayerInputs inputs) {
    inputs.count(2, 2);
    Shape a = inputs.shapes().getFirst();
    Shape b = inputs.shapes().getLast();
    int rank = a.rank();
    if (rank < 2 || b.rank() != rank || a.axis(-1) != b.axis(-2)) {
      throw inputs.clash("expects [..., n, k] and [..., k, m]", 1);
    }
    List<Integer> leading = a.dims().subList(0, rank - 2);
    if (!leading.equals(b.dims().subList(0, rank - 2))) {
      throw inputs.clash("expects equal axes before the last two", 1);
    }
    List<Integer> dims = new ArrayList<>(leading);
    dims.add(a.axis(-2));
    dims.add(b.axis(-1));
    Shape output = new Shape(dims);
    long multiplyAdds = Math.multiplyExact(output.elements(), (long) a.last());
    return new LayerShape(
        inputs.shapes(), output, List.of(), a + " × " + b + " = " + output, multiplyAdds);
  }
}
