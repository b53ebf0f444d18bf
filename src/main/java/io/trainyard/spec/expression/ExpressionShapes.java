package io.trainyard.spec.expression;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.expression.Expression.Call;
import io.trainyard.spec.expression.Expression.Index;
import io.trainyard.spec.expression.Expression.Selector;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The shape of an expression's value and the cost of computing it for one row, without the batch
 * axis. Broadcasting is NumPy's.
 */
public final class ExpressionShapes {
  private final Map<String, Shape> variables;
  private final Shape shape;
  private long elements;
  private long operations;
  private long nodes;
  private @Nullable String misaligned;

  private ExpressionShapes(Expression expression, Map<String, Shape> variables) {
    this.variables = variables;
    this.shape = of(expression);
  }

  /** Throws with the column where shapes do not fit or a name is unknown. */
  public static ExpressionShapes infer(Expression expression, Map<String, Shape> variables) {
    return new ExpressionShapes(expression, variables);
  }

  /** The shape of the value. */
  public Shape shape() {
    return shape;
  }

  /** The elements of all nodes' values, the largest inner ones included. */
  public long elements() {
    return elements;
  }

  /** Multiply-adds of the matrix products, and one operation per element of the other nodes. */
  public long operations() {
    return operations;
  }

  /** Operations on whole tensors; an index has one for each axis. */
  public long nodes() {
    return nodes;
  }

  /**
   * What to write instead where a reduced value meets what it was reduced from, and both fit only
   * because the lengths of two axes are equal; null when there is no such place.
   */
  public @Nullable String misaligned() {
    return misaligned;
  }

  private Shape of(Expression expression) {
    return switch (expression) {
      case Expression.Literal _ -> Shape.SCALAR;
      case Expression.Variable variable -> variable(variable);
      case Expression.Negate negate -> computed(of(negate.of()));
      case Expression.Binary binary -> computed(of(binary));
      case Index index -> index(index);
      case Call call -> call(call);
    };
  }

  private Shape of(Expression.Binary binary) {
    Shape left = of(binary.left());
    Shape right = of(binary.right());
    try {
      Shape value = broadcast(left, right, binary.operator().symbol(), binary.column());
      noteMisaligned(binary.left(), left, right);
      noteMisaligned(binary.right(), right, left);
      return value;
    } catch (IllegalArgumentException e) {
      Call reduction = reduction(binary.left());
      reduction = reduction == null ? reduction(binary.right()) : reduction;
      throw reduction == null
          ? e
          : new IllegalArgumentException(e.getMessage() + keepingAxis(reduction), e);
    }
  }

  /**
   * In x − mean(x, 1) of a square x, the mean of row i would be subtracted from column i: an axis
   * behind others was dropped, so those before it line up with the wrong ones.
   */
  private void noteMisaligned(Expression part, Shape reduced, Shape whole) {
    Call reduction = reduction(part);
    if (misaligned != null || reduction == null || whole.rank() != reduced.rank() + 1) {
      return;
    }
    int axis = positive(Objects.requireNonNull(reduction.axis()), whole, reduction.column());
    boolean moved = whole.dims().subList(0, axis).stream().anyMatch(length -> length > 1);
    if (moved && whole.without(axis).equals(reduced)) {
      misaligned =
          "At column %d: the reduced %s lines up with the last axes of %s, not with those it came from%s"
              .formatted(part.column(), reduced, whole, keepingAxis(reduction));
    }
  }

  /** A sum, mean or norm along an axis, which the value loses; null when there is none. */
  private static @Nullable Call reduction(Expression expression) {
    return switch (expression) {
      case Call call when call.function().reduces() ->
          call.axis() != null && !call.keepDims() ? call : null;
      case Expression.Negate negate -> reduction(negate.of());
      case Expression.Binary binary -> {
        Call left = reduction(binary.left());
        yield left == null ? reduction(binary.right()) : left;
      }
      default -> null;
    };
  }

  private static String keepingAxis(Call reduction) {
    String of =
        reduction.arguments().getFirst() instanceof Expression.Variable variable
            ? variable.name()
            : "…";
    return "; %1$s drops axis %2$d: %1$s(%3$s, %2$d, keepdims) keeps it with length 1"
        .formatted(reduction.function().word(), reduction.axis(), of);
  }

  /** Counts a node with one operation per element. */
  private Shape computed(Shape value) {
    return computed(value, value.elements());
  }

  private Shape computed(Shape value, long count) {
    elements = Math.addExact(elements, value.elements());
    operations = Math.addExact(operations, count);
    nodes++;
    return value;
  }

  private Shape variable(Expression.Variable variable) {
    Shape shape = variables.get(variable.name());
    if (shape == null) {
      throw ExpressionTokens.fault(
          variable.column(),
          "there is no '%s'; the names are %s%s"
              .formatted(
                  JsonObject.shorten(variable.name()),
                  String.join(", ", new TreeSet<>(variables.keySet())),
                  variables.containsKey("x") ? "; one column of an input is x[0]" : ""));
    }
    return shape;
  }

  private static Shape broadcast(Shape a, Shape b, String what, int column) {
    int rank = Math.max(a.rank(), b.rank());
    List<Integer> dims = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      int fromA = axis - (rank - a.rank());
      int fromB = axis - (rank - b.rank());
      int lengthA = fromA < 0 ? 1 : a.axis(fromA);
      int lengthB = fromB < 0 ? 1 : b.axis(fromB);
      if (lengthA != lengthB && lengthA != 1 && lengthB != 1) {
        throw ExpressionTokens.fault(column, "%s cannot broadcast %s and %s".formatted(what, a, b));
      }
      dims.add(lengthA == 1 ? lengthB : lengthA);
    }
    return new Shape(dims);
  }

  private Shape call(Call call) {
    List<Shape> shapes = call.arguments().stream().map(this::of).toList();
    String word = call.function().word();
    return switch (call.function()) {
      case SUM, MEAN, NORM ->
          computed(reduce(call, shapes.getFirst()), shapes.getFirst().elements());
      case MATMUL -> matmul(call, shapes.getFirst(), shapes.getLast());
      case CONCAT -> computed(concat(call, shapes));
      case ABS,
          EXP,
          LOG,
          LOG1P,
          SQRT,
          SQUARE,
          SIN,
          COS,
          TAN,
          ASIN,
          ACOS,
          ATAN,
          SINH,
          COSH,
          TANH,
          SIGMOID,
          RELU,
          SOFTPLUS,
          ERF,
          SIGN,
          FLOOR,
          STEP,
          MIN,
          MAX,
          POW,
          CLIP,
          WHERE ->
          computed(
              shapes.stream().reduce(Shape.SCALAR, (a, b) -> broadcast(a, b, word, call.column())));
    };
  }

  private static Shape reduce(Call call, Shape shape) {
    Integer axis = call.axis();
    if (axis == null) {
      return call.keepDims() ? new Shape(Collections.nCopies(shape.rank(), 1)) : Shape.SCALAR;
    }
    int reduced = positive(axis, shape, call.column());
    return call.keepDims() ? shape.with(reduced, 1) : shape.without(reduced);
  }

  private Shape matmul(Call call, Shape a, Shape b) {
    if (a.rank() < 2 || b.rank() < 2 || a.axis(-1) != b.axis(-2)) {
      throw ExpressionTokens.fault(
          call.column(),
          "matmul expects [..., n, k] and [..., k, m], got %s and %s".formatted(a, b));
    }
    Shape leading =
        broadcast(
            new Shape(a.dims().subList(0, a.rank() - 2)),
            new Shape(b.dims().subList(0, b.rank() - 2)),
            "matmul",
            call.column());
    List<Integer> dims = new ArrayList<>(leading.dims());
    dims.add(a.axis(-2));
    dims.add(b.axis(-1));
    Shape product = new Shape(dims);
    return computed(product, Math.multiplyExact(product.elements(), (long) a.last()));
  }

  private static Shape concat(Call call, List<Shape> shapes) {
    Shape first = shapes.getFirst();
    if (first.rank() == 0) {
      throw ExpressionTokens.fault(call.column(), "concat expects values with axes");
    }
    Integer given = call.axis();
    int axis = positive(given == null ? -1 : given, first, call.column());
    int length = 0;
    for (Shape shape : shapes) {
      boolean fits = shape.rank() == first.rank();
      for (int i = 0; fits && i < shape.rank(); i++) {
        fits = i == axis || shape.axis(i) == first.axis(i);
      }
      if (!fits) {
        throw ExpressionTokens.fault(
            call.column(), "concat cannot join %s and %s".formatted(first, shape));
      }
      length = Math.addExact(length, shape.axis(axis));
    }
    return first.with(axis, length);
  }

  private Shape index(Index index) {
    Shape shape = of(index.of());
    List<Integer> dims = new ArrayList<>();
    List<Selector.OfAxis> selectors = index.perAxis(shape.rank());
    if (selectors.size() > shape.rank()) {
      throw ExpressionTokens.fault(
          index.column(),
          "the index has more entries (%d) than %s has axes".formatted(selectors.size(), shape));
    }
    nodes += selectors.size();
    for (int axis = 0; axis < selectors.size(); axis++) {
      int length = shape.axis(axis);
      switch (selectors.get(axis)) {
        case Selector.At(int position) -> {
          if (position < -length || position >= length) {
            throw ExpressionTokens.fault(
                index.column(),
                "there is no element %d in axis %d of %s".formatted(position, axis, shape));
          }
        }
        case Selector.Range range -> {
          int start = range.startIn(length);
          int end = range.endIn(length);
          if (start < 0 || end > length || start >= end) {
            throw ExpressionTokens.fault(
                index.column(),
                "the range is empty or exceeds axis %d of %s".formatted(axis, shape));
          }
          dims.add(end - start);
        }
      }
    }
    return new Shape(dims);
  }

  private static int positive(int axis, Shape shape, int column) {
    int positive = shape.place(axis);
    if (positive < 0 || positive >= shape.rank()) {
      throw ExpressionTokens.fault(column, "there is no axis %d in %s".formatted(axis, shape));
    }
    return positive;
  }
}
