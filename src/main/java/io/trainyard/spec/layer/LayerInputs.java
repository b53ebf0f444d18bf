package io.trainyard.spec.layer;

import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.List;

/** A layer and the shapes it is fed, as {@code ShapeInference} asks each kind of layer about it. */
public record LayerInputs(Layer layer, List<Shape> shapes) {

  /** The one input of a layer that takes one. */
  Shape only() {
    if (shapes.size() != 1) {
      throw fault("takes one input but has " + shapes.size() + ": " + layer.inputs());
    }
    return shapes.getFirst();
  }

  /** Refuses another number of inputs. */
  void count(int min, int max) {
    if (shapes.size() < min || shapes.size() > max) {
      throw fault(
          "takes %s inputs but has %d: %s"
              .formatted(max == min ? min : min + " or more", shapes.size(), layer.inputs()));
    }
  }

  /** An axis of a row; negative ones count from the end. */
  int axis(int axis, Shape shape) {
    int counted = axis < 0 ? shape.rank() + axis : axis;
    if (counted < 0 || counted >= shape.rank()) {
      throw fault("names axis %d, but %s has %s".formatted(axis, shape, axes(shape.rank())));
    }
    return counted;
  }

  /** A refusal of the first input's shape beside another's. */
  IllegalArgumentException clash(String expected, int other) {
    return fault(
        "%s but '%s' gives %s and '%s' gives %s"
            .formatted(
                expected,
                layer.inputs().getFirst(),
                shapes.getFirst(),
                layer.inputs().get(other),
                shapes.get(other)));
  }

  /** The one input, with at least so many axes. */
  public Shape atLeast(int rank) {
    Shape shape = only();
    if (shape.rank() < rank) {
      throw fault(
          "expects an input with at least %s but '%s' gives %s"
              .formatted(axes(rank), layer.inputs().getFirst(), shape));
    }
    return shape;
  }

  /** The one input, with channels and so many other axes. */
  Shape image(int spatialAxes, DataFormat format) {
    Shape shape = only();
    if (shape.rank() != spatialAxes + 1) {
      throw fault(
          "expects %s but '%s' gives %s"
              .formatted(format.layout(spatialAxes), layer.inputs().getFirst(), shape));
    }
    return shape;
  }

  /** The first input's name, for details. */
  String name() {
    return layer.inputs().getFirst();
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

  /** A stored tensor that no optimizer changes. */
  WeightSpec statistic(String slot, ElementType type, double start, int... dims) {
    return new WeightSpec(
        named(slot), type, Shape.of(dims), false, new InitializerSpec.Constant(start), 1, 1);
  }

  /** A refusal that names the layer. */
  IllegalArgumentException fault(String detail) {
    return new IllegalArgumentException(
        "Layer '" + layer.name() + "' (" + layer.spec().type() + ") " + detail);
  }

  public static String axes(int count) {
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
    return initializer;
  }
}
