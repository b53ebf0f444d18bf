package io.trainyard.spec.layer;

import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.List;

/**
 * A layer and the shapes of its inputs: the questions that each family's {@link LayerSpec#infer}
 * asks, and the faults it answers with.
 */
public record LayerInputs(Layer layer, List<Shape> shapes) {

  /** The one input of a layer that takes one. */
  Shape only() {
    if (shapes.size() != 1) {
      throw fault("takes one input but has " + shapes.size() + ": " + layer.inputs());
    }
    return shapes.getFirst();
  }

  /** Throws when there are fewer or more inputs. */
  void count(int min, int max) {
    if (shapes.size() < min || shapes.size() > max) {
      throw fault(
          "takes %s inputs but has %d: %s"
              .formatted(max == min ? min : min + " or more", shapes.size(), layer.inputs()));
    }
  }

  /** An axis of a row; negative ones count from the end. */
  int axis(int axis, Shape shape) {
    int counted = shape.place(axis);
    if (counted < 0 || counted >= shape.rank()) {
      throw fault("names axis %d, but %s has %s".formatted(axis, shape, axes(shape.rank())));
    }
    return counted;
  }

  /** The fault that another input's shape doesn't fit the first's. */
  IllegalArgumentException clash(String expected, int other) {
    return fault(
        "%s but '%s' gives %s and '%s' gives %s"
            .formatted(
                expected,
                firstName(),
                shapes.getFirst(),
                layer.inputs().get(other),
                shapes.get(other)));
  }

  /** The one input, which must have at least this many axes. */
  Shape atLeast(int rank) {
    Shape shape = only();
    if (shape.rank() < rank) {
      throw fault(
          "expects an input with at least %s but '%s' gives %s"
              .formatted(axes(rank), firstName(), shape));
    }
    return shape;
  }

  /** The one input, which must have channels and this many other axes. */
  Shape image(int spatialAxes, DataFormat format) {
    Shape shape = only();
    if (shape.rank() != spatialAxes + 1) {
      String layout = format.layout(spatialAxes);
      IllegalArgumentException fault =
          fault("expects %s but '%s' gives %s".formatted(layout, firstName(), shape));
      throw shape.rank() > spatialAxes ? fault : new MissingAxes(fault, layout);
    }
    return shape;
  }

  /** The number of channels of the one input, which must have this many other axes. */
  int channels(int spatialAxes, DataFormat format) {
    return format.channels(image(spatialAxes, format));
  }

  /** Throws when groups do not divide both channels and filters. */
  void checkGroups(int groups, int channels, int filters) {
    if (channels % groups != 0 || filters % groups != 0) {
      throw fault(
          "has %d groups, which must divide both its %d input channels and its %d filters"
              .formatted(groups, channels, filters));
    }
  }

  /** The first input's name, for faults. */
  String firstName() {
    return layer.inputs().getFirst();
  }

  /** A layer without weights or costs. */
  LayerShape weightless(Shape output, String formula) {
    return weightless(output, formula, LayerCost.NONE);
  }

  /** A layer without weights. */
  LayerShape weightless(Shape output, String formula, LayerCost cost) {
    return new LayerShape(shapes, output, List.of(), formula, cost);
  }

  /** A layer that keeps its one input's shape and has no weights. */
  LayerShape unchanged() {
    return unchanged(LayerCost.NONE);
  }

  /** A layer that keeps its one input's shape and has no weights. */
  LayerShape unchanged(LayerCost cost) {
    return weightless(only(), "as the input: " + only(), cost);
  }

  /** A trained weight. */
  WeightSpec weight(
      String slot, InitializerSpec initializer, long fanIn, long fanOut, int... dims) {
    return new WeightSpec(
        named(slot),
        ElementType.FLOAT32,
        Shape.of(dims),
        true,
        resolved(initializer, fanIn),
        fanIn,
        fanOut);
  }

  /** The share of a learned activation for each unit of an output. */
  public WeightSpec activationShare(Shape output) {
    if (output.rank() == 0) {
      throw fault("has a learned activation, but its output has no units");
    }
    int units = output.axis(layer.spec().unitAxis(output));
    return weight(ActivationSpec.SHARE, new InitializerSpec.Constant(1), units, units, units);
  }

  /** A stored tensor that no optimizer changes. */
  WeightSpec statistic(String slot, ElementType type, double start, int... dims) {
    return new WeightSpec(
        named(slot), type, Shape.of(dims), false, new InitializerSpec.Constant(start), 1, 1);
  }

  /** A fault that names the layer. */
  IllegalArgumentException fault(String detail) {
    return new IllegalArgumentException(
        "Layer '" + layer.name() + "' (" + layer.spec().type() + ") " + detail);
  }

  static String axes(int count) {
    return count == 1 ? "1 axis" : count + " axes";
  }

  private String named(String slot) {
    return NestedSpec.stored(layer.name()) + "." + slot;
  }

  /** PyTorch's defaults are uniform in ±1/√in for kernels and biases alike. */
  private static InitializerSpec resolved(InitializerSpec initializer, long fanIn) {
    if (initializer instanceof InitializerSpec.Torch) {
      double bound = 1 / Math.sqrt((double) Math.max(1, fanIn));
      return new InitializerSpec.Uniform(-bound, bound);
    }
    if (initializer instanceof InitializerSpec.EqualRows(InitializerSpec row)) {
      return new InitializerSpec.EqualRows(resolved(row, fanIn));
    }
    return initializer;
  }

  /** The fault that the first input has fewer axes than the layer takes. */
  public static final class MissingAxes extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String layout;

    MissingAxes(IllegalArgumentException fault, String layout) {
      super(fault.getMessage(), fault);
      this.layout = layout;
    }

    /** The axes that the layer takes, in words. */
    public String layout() {
      return layout;
    }
  }

  /** A fault of one member of a layer, so that the violation can point to it. */
  public static final class MemberFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String member;

    MemberFault(String member, String detail) {
      super(detail);
      this.member = member;
    }

    public String member() {
      return member;
    }
  }
}
