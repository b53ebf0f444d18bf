package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.integer;

import io.trainyard.json.JsonObject;
import io.trainyard.json.Word;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Layers of several inputs. They have no weights. */
public sealed interface MergeSpec extends LayerSpec {
  /**
   * The inputs one after the other along an axis, in which alone their shapes may differ. A
   * negative axis counts from the end. Source: torch.cat.
   */
  record Concat(int axis) implements MergeSpec {
    static LayerSpec read(JsonObject layer) {
      return new Concat(layer.integer("axis", -1, -LayerTypes.MAX_AXES, LayerTypes.MAX_AXES - 1));
    }

    @Override
    public boolean movesElements() {
      return true;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      inputs.count(2, Integer.MAX_VALUE);
      Shape first = inputs.shapes().getFirst();
      int at = inputs.axis(axis, first);
      List<String> lengths = new ArrayList<>();
      int sum = 0;
      for (int i = 0; i < inputs.shapes().size(); i++) {
        Shape shape = inputs.shapes().get(i);
        if (shape.rank() != first.rank() || !shape.without(at).equals(first.without(at))) {
          throw inputs.clash("expects shapes that differ in axis " + at + " alone", i);
        }
        lengths.add(String.valueOf(shape.axis(at)));
        sum = Math.addExact(sum, shape.axis(at));
      }
      return inputs.weightless(
          first.with(at, sum), "axis %d: %s = %d".formatted(at, String.join(" + ", lengths), sum));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("concat", "The inputs one after the other along an axis.")
          .formula("y = [a, b, ...] along the axis")
          .shape("shapes that differ in that axis alone → their lengths added")
          .names("torch.cat", "keras.layers.Concatenate", "concatenationLayer")
          .source("torch.cat")
          .member(
              "axis",
              integer(-LayerTypes.MAX_AXES, LayerTypes.MAX_AXES - 1).or(-1),
              "The axis, counted from 0 behind the batch; negatives count from the end.")
          .input(4)
          .input(3)
          .example("inputs", List.of("a", "b"));
    }
  }

  /** One operation element by element. Shapes: all inputs and the output are equal. */
  record Elementwise(Operation operation) implements MergeSpec {
    @Override
    public String type() {
      return operation.word();
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      inputs.count(2, operation == Operation.SUBTRACT ? 2 : Integer.MAX_VALUE);
      Shape first = inputs.shapes().getFirst();
      for (int i = 1; i < inputs.shapes().size(); i++) {
        if (!inputs.shapes().get(i).equals(first)) {
          throw inputs.clash("expects equal shapes", i);
        }
      }
      long operations = inputs.shapes().size() - 1L;
      LayerCost cost =
          LayerCost.of(Math.multiplyExact(operations, first.elements()))
              .keeping(Math.multiplyExact(operations - 1, first.elements()))
              .operations(operations);
      return inputs.weightless(first, "as the inputs: " + first, cost);
    }
  }

  /**
   * The matrix product over the last two axes. Shapes: a [..., n, k], b [..., k, m], y [..., n, m].
   * Source: torch.matmul.
   */
  record Matmul() implements MergeSpec {
    @Override
    public LayerShape infer(LayerInputs inputs) {
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
      Shape output = a.withLast(b.last());
      String formula = a + " × " + b + " = " + output;
      long multiplyAdds = Math.multiplyExact(output.elements(), (long) a.last());
      return inputs.weightless(output, formula, LayerCost.of(multiplyAdds));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("matmul", "The matrix product over the last two axes.")
          .formula("y = a·b")
          .shape("[..., n, k] and [..., k, m] → [..., n, m]")
          .names("torch.matmul", "keras.layers.Dot", null)
          .source("torch.matmul")
          .input(3, 4)
          .input(4, 2)
          .example("inputs", List.of("a", "b"));
    }
  }

  enum Operation implements Word {
    ADD,
    /** The first minus the second. */
    SUBTRACT,
    MULTIPLY,
    AVERAGE,
    MAXIMUM;
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("concat", Concat::read);
    types.add("matmul", _ -> new Matmul());
    for (Operation operation : Operation.values()) {
      types.add(operation.word(), _ -> new Elementwise(operation));
    }
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Layers of several inputs",
        Concat.described(),
        Described.as("add", "The sum of the inputs.")
            .formula("y = a + b + ...")
            .shape("equal shapes → the same")
            .names("torch.add", "keras.layers.Add", "additionLayer")
            .source("Keras's merge layers")
            .input(4)
            .input(4)
            .example("inputs", List.of("a", "b")),
        Described.as("subtract", "The first input minus the second.")
            .formula("y = a − b")
            .shape("equal shapes → the same")
            .names("torch.sub", "keras.layers.Subtract", null)
            .source("Keras's merge layers")
            .input(4)
            .input(4)
            .example("inputs", List.of("a", "b")),
        Described.as("multiply", "The product of the inputs, element by element.")
            .formula("y = a·b·...")
            .shape("equal shapes → the same")
            .names("torch.mul", "keras.layers.Multiply", "multiplicationLayer")
            .source("Keras's merge layers")
            .input(4)
            .input(4)
            .example("inputs", List.of("a", "b")),
        Described.as("average", "The mean of the inputs, element by element.")
            .formula("y = (a + b + ...)/n")
            .shape("equal shapes → the same")
            .names("torch.mean", "keras.layers.Average", null)
            .source("Keras's merge layers")
            .input(4)
            .input(4)
            .example("inputs", List.of("a", "b")),
        Described.as("maximum", "The maximum of the inputs, element by element.")
            .formula("y = max(a, b, ...)")
            .shape("equal shapes → the same")
            .names("torch.maximum", "keras.layers.Maximum", null)
            .source("Keras's merge layers")
            .input(4)
            .input(4)
            .example("inputs", List.of("a", "b")),
        Matmul.described());
  }
}
