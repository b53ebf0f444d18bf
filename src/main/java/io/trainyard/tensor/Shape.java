package io.trainyard.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The lengths of a tensor's axes. Specs leave the batch axis out; a {@link HostTensor} includes it.
 * A scalar has no axes and one element.
 */
public record Shape(List<Integer> dims) {
  public static final Shape SCALAR = new Shape(List.of());

  public Shape {
    dims = List.copyOf(dims);
    for (int dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("an axis cannot have length " + dim);
      }
    }
    // Refuses a shape whose number of elements overflows a long.
    product(dims);
  }

  public static Shape of(int... dims) {
    return new Shape(Arrays.stream(dims).boxed().toList());
  }

  public int rank() {
    return dims.size();
  }

  /** The length of an axis; a negative axis counts from the end. */
  public int axis(int axis) {
    return dims.get(place(axis));
  }

  public int last() {
    return axis(-1);
  }

  public long elements() {
    return product(dims);
  }

  /** The place of an axis from the start; a negative axis counts from the end. */
  public int place(int axis) {
    return axis < 0 ? rank() + axis : axis;
  }

  /** This shape with another length of an axis; a negative axis counts from the end. */
  public Shape with(int axis, int length) {
    List<Integer> changed = new ArrayList<>(dims);
    changed.set(place(axis), length);
    return new Shape(changed);
  }

  /** This shape with another last axis. */
  public Shape withLast(int last) {
    return with(-1, last);
  }

  /** This shape without an axis. */
  public Shape without(int axis) {
    List<Integer> others = new ArrayList<>(dims);
    others.remove(/* index */ place(axis));
    return new Shape(others);
  }

  /** This shape with a batch axis in front. */
  public Shape batched(int rows) {
    Integer[] batched = new Integer[rank() + 1];
    batched[0] = rows;
    for (int i = 0; i < rank(); i++) {
      batched[i + 1] = dims.get(i);
    }
    return new Shape(List.of(batched));
  }

  /** This shape without its first axis. */
  public Shape row() {
    return new Shape(dims.subList(1, rank()));
  }

  public long[] toLongs() {
    return dims.stream().mapToLong(Integer::longValue).toArray();
  }

  private static long product(List<Integer> dims) {
    long product = 1;
    for (int dim : dims) {
      try {
        product = Math.multiplyExact(product, dim);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("the shape " + dims + " has too many elements", e);
      }
    }
    return product;
  }

  @Override
  public String toString() {
    return dims.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }
}
