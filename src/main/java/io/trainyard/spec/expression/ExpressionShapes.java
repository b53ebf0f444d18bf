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
import java.util.TreeSet;

/** The shape of a formula's value per row; broadcasting is NumPy's. */
public final class ExpressionShapes {
  private final Map<String, Shape> variables;

  private ExpressionShapes(Map<String, Shape> variables) {
    this.variables = variables;
  }

  /** Throws with the column where shapes do not fit or a name is unknown. */
  public static Shape infer(Expression expression, Map<String, Shape> variables) {
    return new ExpressionShapes(variables).of(expression);
  }

  private Shape of(Expression expression) {
    return switch (expression) {
      case Expression.Literal _ -> Shape.SCALAR;
      case Expression.Variable variable -> variable(variable);
      case Expression.Negate negate -> of(negate.of());
      case Expression.Binary binary ->
          broadcast(
              of(binary.left()), of(binary.right()), binary.operator().symbol(), binary.column());
      case Index index -> index(index);
      case Call call -> call(call);
    };
  }

  private Shape variable(Expression.Variable variable) {
    Shape shape = variables.get(variable.name());
    if (shape == null) {
      throw ExpressionTokens.fault(
          variable.column(),
          "there is no '%s'; known are %s"
              .formatted(
                  JsonObject.shorten(variable.name()),
                  String.join(", ", new TreeSet<>(variables.keySet()))));
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
        throw ExpressionTokens.fault(
            column, "%s cannot bring %s and %s together".formatted(what, a, b));
      }
      dims.add(lengthA == 1 ? lengthB : lengthA);
    }
    return new Shape(dims);
  }

  private Shape call(Call call) {
    List<Shape> shapes = call.arguments().stream().map(this::of).toList();
    String word = call.function().word();
    return switch (call.function()) {
      case SUM, MEAN, NORM -> reduce(call, shapes.getFirst());
      case MATMUL -> matmul(call, shapes.getFirst(), shapes.getLast());
      case CONCAT -> concat(call, shapes);
      default -> {
        Shape all = shapes.getFirst();
        for (Shape shape : shapes) {
          all = broadcast(all, shape, word, call.column());
        }
        yield all;
      }
    };
  }

  private static Shape reduce(Call call, Shape shape) {
    Integer axis = call.axis();
    if (axis == null) {
      return Shape.SCALAR;
    }
    List<Integer> dims = new ArrayList<>(shape.dims());
    dims.remove(/* index */ counted(axis, shape, call.column()));
    return new Shape(dims);
  }

  private static Shape matmul(Call call, Shape a, Shape b) {
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
    return new Shape(dims);
  }

  private static Shape concat(Call call, List<Shape> shapes) {
    Shape first = shapes.getFirst();
    if (first.rank() == 0) {
      throw ExpressionTokens.fault(call.column(), "concat expects values with axes");
    }
    Integer given = call.axis();
    int axis = counted(given == null ? -1 : given, first, call.column());
    int length = 0;
    for (Shape shape : shapes) {
      boolean fits = shape.rank() == first.rank();
      for (int i = 0; fits && i < shape.rank(); i++) {
        fits = i == axis || shape.axis(i) == first.axis(i);
      }
      if (!fits) {
        throw ExpressionTokens.fault(
            call.column(), "concat cannot put %s behind %s".formatted(shape, first));
      }
      length = Math.addExact(length, shape.axis(axis));
    }
    List<Integer> dims = new ArrayList<>(first.dims());
    dims.set(axis, length);
    return new Shape(dims);
  }

  private Shape index(Index index) {
    Shape shape = of(index.of());
    List<Integer> dims = new ArrayList<>();
    List<Selector> selectors = spread(index.selectors(), shape.rank());
    if (selectors.size() > shape.rank()) {
      throw ExpressionTokens.fault(
          index.column(),
          "the index has more places (%d) than %s has axes".formatted(selectors.size(), shape));
    }
    for (int axis = 0; axis < selectors.size(); axis++) {
      int length = shape.axis(axis);
      switch (selectors.get(axis)) {
        case Selector.At(int place) -> {
          if (place < -length || place >= length) {
            throw ExpressionTokens.fault(
                index.column(),
                "there is no place %d in axis %d of %s".formatted(place, axis, shape));
          }
        }
        case Selector.Range range -> {
          int start = range.startIn(length);
          int end = range.endIn(length);
          if (start < 0 || end > length || start >= end) {
            throw ExpressionTokens.fault(
                index.column(),
                "the range is empty or leaves axis %d of %s".formatted(axis, shape));
          }
          dims.add(end - start);
        }
        case Selector.Rest _ -> throw new IllegalStateException("spread");
      }
    }
    return new Shape(dims);
  }

  /** One selector per axis: the rest, and what nothing is said of, are taken whole. */
  static List<Selector> spread(List<Selector> selectors, int rank) {
    List<Selector> spread = new ArrayList<>();
    Selector whole = new Selector.Range(null, null);
    boolean rest = selectors.stream().anyMatch(Selector.Rest.class::isInstance);
    int missing = Math.max(0, rank - selectors.size() + (rest ? 1 : 0));
    for (Selector selector : selectors) {
      if (selector instanceof Selector.Rest) {
        spread.addAll(Collections.nCopies(missing, whole));
      } else {
        spread.add(selector);
      }
    }
    if (!rest) {
      spread.addAll(Collections.nCopies(missing, whole));
    }
    return spread;
  }

  private static int counted(int axis, Shape shape, int column) {
    int counted = axis < 0 ? shape.rank() + axis : axis;
    if (counted < 0 || counted >= shape.rank()) {
      throw ExpressionTokens.fault(column, "there is no axis %d in %s".formatted(axis, shape));
    }
    return counted;
  }
}
