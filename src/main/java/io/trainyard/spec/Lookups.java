package io.trainyard.spec;

import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.expression.Expression.Selector;
import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The elements of the inputs that each embedding looks up, directly or behind layers that only move
 * them.
 *
 * @param byLayer by embedding; one that reads what a layer computes, or too many elements, is left
 *     out
 */
public record Lookups(Map<String, Elements> byLayer) {
  /** More elements are not followed one by one. */
  static final long MAX_ELEMENTS = 1 << 22;

  /**
   * The elements that an embedding looks up.
   *
   * @param byInput their places in a row of each input, in ascending order
   * @param exact false behind a layer that drops some and whose moves are not followed: then they
   *     are those that it may look up
   */
  public record Elements(Map<String, int[]> byInput, boolean exact) {
    public Elements {
      byInput = Collections.unmodifiableMap(new LinkedHashMap<>(byInput));
    }
  }

  public Lookups {
    byLayer = Collections.unmodifiableMap(new LinkedHashMap<>(byLayer));
  }

  /**
   * The elements that a value is made of, in its order.
   *
   * @param places each of an input's elements, counted over all inputs; −1 for a zero
   * @param ordered whether they are in the order of the value
   * @param exact whether the value has all of them
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Moved(int[] places, boolean ordered, boolean exact) {}

  /**
   * Follows the inputs through the network.
   *
   * @param shapes of the network, as far as they are known
   */
  public static Lookups of(NetworkSpec network, NetworkShapes shapes) {
    boolean none = network.layers().stream().noneMatch(l -> l.spec() instanceof EmbeddingSpec);
    return none ? new Lookups(Map.of()) : new Search(network, shapes).lookups();
  }

  private static final class Search {
    private final NetworkSpec network;
    private final NetworkShapes shapes;
    private final Map<String, Moved> values = new HashMap<>();

    /** The first place of each input. */
    private final TreeMap<Integer, String> starts = new TreeMap<>();

    Search(NetworkSpec network, NetworkShapes shapes) {
      this.network = network;
      this.shapes = shapes;
      int next = 0;
      for (String input : network.inputNames()) {
        Shape shape = shapes.inputs().get(input);
        if (shape != null
            && shape.elements() <= MAX_ELEMENTS - next
            && network.leadsToEmbedding(input)) {
          int end = next + (int) shape.elements();
          starts.put(next, input);
          values.put(input, new Moved(IntStream.range(next, end).toArray(), true, true));
          next = end;
        }
      }
    }

    Lookups lookups() {
      Map<String, Elements> found = new LinkedHashMap<>();
      for (Layer layer : network.layers()) {
        if (!values.keySet().containsAll(layer.inputs())) {
          continue;
        }
        if (layer.spec() instanceof EmbeddingSpec) {
          Moved read = read(layer, 0);
          found.put(layer.name(), new Elements(byInput(read.places()), read.exact()));
        } else if (layer.spec().movesElements() && shapes.layers().containsKey(layer.name())) {
          values.put(layer.name(), moved(layer));
        }
      }
      return new Lookups(found);
    }

    private Moved read(Layer layer, int input) {
      return Objects.requireNonNull(values.get(layer.inputs().get(input)));
    }

    /** The places within each input, in ascending order, each once. */
    private Map<String, int[]> byInput(int[] places) {
      Map<String, int[]> elements = new LinkedHashMap<>();
      starts.forEach(
          (start, input) -> {
            Integer end = starts.higherKey(start);
            int[] own =
                Arrays.stream(places)
                    .filter(place -> place >= start && (end == null || place < end))
                    .map(place -> place - start)
                    .distinct()
                    .sorted()
                    .toArray();
            if (own.length > 0) {
              elements.put(input, own);
            }
          });
      return elements;
    }

    private Moved moved(Layer layer) {
      List<Moved> read = new ArrayList<>();
      List<Shape> from = new ArrayList<>();
      boolean ordered = true;
      for (int i = 0; i < layer.inputs().size(); i++) {
        read.add(read(layer, i));
        from.add(shapes.of(layer.inputs().get(i)));
        ordered &= read.getLast().ordered();
      }
      Shape to = shapes.of(layer.name());
      int[] places =
          ordered && to.elements() <= MAX_ELEMENTS ? places(layer.spec(), read, from, to) : null;
      return places == null ? any(read, layer.spec()) : new Moved(places, true, true);
    }

    private static Moved any(List<Moved> read, LayerSpec spec) {
      return new Moved(
          read.stream().flatMapToInt(each -> Arrays.stream(each.places())).distinct().toArray(),
          false,
          !spec.dropsElements() && read.stream().allMatch(Moved::exact));
    }

    /** The elements in the order of the output; null for layers that are not followed. */
    private static int @Nullable [] places(
        LayerSpec spec, List<Moved> read, List<Shape> from, Shape to) {
      int[] first = read.getFirst().places();
      Shape shape = from.getFirst();
      return switch (spec) {
        case RearrangementSpec.Reshape _, CoreSpec.Flatten _, NestedSpec _ -> first;
        // A flip moves all of them only while the network is trained.
        case AugmentationSpec.Flip _ -> null;
        case RearrangementSpec.Repeat repeat ->
            IntStream.range(0, repeat.n()).flatMap(_ -> Arrays.stream(first)).toArray();
        case RearrangementSpec.LastStep _ ->
            Arrays.copyOfRange(first, first.length - (int) to.elements(), first.length);
        case RearrangementSpec.Slice slice -> {
          int axis = shape.place(slice.axis());
          int start = slice.start() < 0 ? shape.axis(axis) + slice.start() : slice.start();
          yield new Part(first, shape).range(axis, start, start + to.axis(axis)).places();
        }
        case RearrangementSpec.Permute permute -> permuted(first, shape, permute.axes());
        case MergeSpec.Concat concat ->
            joined(to, shape.place(concat.axis()), read.stream().map(Moved::places).toList(), from);
        case LambdaSpec lambda when read.size() == 1 ->
            part(lambda.expression(), new Part(first, shape)).places();
        default -> null;
      };
    }

    /** Elements of a value with their shape. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Part(int[] places, Shape shape) {
      /** Those from one position of an axis up to another. */
      Part range(int axis, int start, int end) {
        int inner = inner(shape, axis);
        int block = shape.axis(axis) * inner;
        int taken = (end - start) * inner;
        int[] left = new int[block == 0 ? 0 : places.length / block * taken];
        for (int at = 0, from = 0; at < left.length; at += taken, from += block) {
          System.arraycopy(places, from + start * inner, left, at, taken);
        }
        return new Part(left, shape.with(axis, end - start));
      }
    }

    /** The elements that an expression takes of its input, of which it is a part. */
    private static Part part(Expression expression, Part input) {
      if (!(expression instanceof Expression.Index index)) {
        return input;
      }
      Part part = part(index.of(), input);
      List<Selector.OfAxis> selectors = index.perAxis(part.shape().rank());
      List<Integer> dims = new ArrayList<>();
      for (int axis = 0; axis < selectors.size(); axis++) {
        int length = part.shape().axis(axis);
        switch (selectors.get(axis)) {
          case Selector.At(int position) -> {
            int at = position < 0 ? length + position : position;
            part = part.range(axis, at, at + 1);
          }
          case Selector.Range range -> {
            part = part.range(axis, range.startIn(length), range.endIn(length));
            dims.add(part.shape().axis(axis));
          }
        }
      }
      return new Part(part.places(), new Shape(dims));
    }

    /** Values side by side along an axis. */
    private static int[] joined(Shape to, int axis, List<int[]> values, List<Shape> from) {
      int[] joined = new int[(int) to.elements()];
      int inner = inner(to, axis);
      int outer = joined.length / (inner * to.axis(axis));
      int at = 0;
      for (int block = 0; block < outer; block++) {
        for (int i = 0; i < values.size(); i++) {
          int length = from.get(i).axis(axis) * inner;
          System.arraycopy(values.get(i), block * length, joined, at, length);
          at += length;
        }
      }
      return joined;
    }

    /** The elements behind each position of an axis. */
    private static int inner(Shape shape, int axis) {
      int inner = 1;
      for (int i = axis + 1; i < shape.rank(); i++) {
        inner *= shape.axis(i);
      }
      return inner;
    }

    private static int[] permuted(int[] places, Shape shape, List<Integer> axes) {
      int rank = shape.rank();
      int[] strides = new int[rank];
      int stride = 1;
      for (int i = rank - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= shape.axis(i);
      }
      int[] moved = new int[places.length];
      int[] index = new int[rank];
      for (int at = 0; at < moved.length; at++) {
        int from = 0;
        for (int i = 0; i < rank; i++) {
          from += index[i] * strides[shape.place(axes.get(i))];
        }
        moved[at] = places[from];
        for (int i = rank - 1; i >= 0; i--) {
          if (++index[i] < shape.axis(shape.place(axes.get(i)))) {
            break;
          }
          index[i] = 0;
        }
      }
      return moved;
    }
  }
}
