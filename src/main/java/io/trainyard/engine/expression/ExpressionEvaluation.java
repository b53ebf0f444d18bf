package io.trainyard.engine.expression;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.expression.Expression.Binary;
import io.trainyard.spec.expression.Expression.Call;
import io.trainyard.spec.expression.Expression.Index;
import io.trainyard.spec.expression.Expression.Negate;
import io.trainyard.spec.expression.Expression.Selector;
import io.trainyard.spec.expression.Expression.Variable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Computes an expression node by node, in the caller's scope. */
public final class ExpressionEvaluation {
  private final Map<String, Value> variables;

  /** Comparisons return this type. */
  private final ScalarType type;

  public ExpressionEvaluation(Map<String, Value> variables, ScalarType type) {
    this.variables = variables;
    this.type = type;
  }

  /**
   * A node's value: a batch of rows, or one number for all rows.
   *
   * @param batched whether the first axis is the batch
   */
  public record Value(Tensor tensor, boolean batched) {
    private int rank() {
      return (int) tensor.dim() - (batched ? 1 : 0);
    }

    /** The value with axes of length 1 in front of the row's, up to this rank. */
    private Tensor ofRank(int rank) {
      Tensor lifted = tensor;
      for (int missing = rank - rank(); batched && missing > 0; missing--) {
        lifted = lifted.unsqueeze(1);
      }
      return lifted;
    }
  }

  public Tensor of(Expression expression) {
    return value(expression).tensor();
  }

  private Value value(Expression expression) {
    return switch (expression) {
      // A double without axes: type promotion then keeps the other operand's type.
      case Expression.Literal number -> new Value(constant(number.number()), false);
      case Variable variable ->
          Objects.requireNonNull(variables.get(variable.name()), variable.name());
      case Negate negate -> {
        Value value = value(negate.of());
        yield new Value(value.tensor().neg(), value.batched());
      }
      case Binary binary -> binary(binary);
      case Index index -> index(index);
      case Call call -> call(call);
    };
  }

  private Value binary(Binary binary) {
    if (binary.operator() == Expression.Operator.POWER
        && binary.right() instanceof Expression.Literal exponent) {
      Value base = value(binary.left());
      return new Value(torch.pow(base.tensor(), new Scalar(exponent.number())), base.batched());
    }
    Value left = value(binary.left());
    Value right = value(binary.right());
    int rank = Math.max(left.rank(), right.rank());
    Tensor a = left.ofRank(rank);
    Tensor b = right.ofRank(rank);
    Tensor result =
        switch (binary.operator()) {
          case ADD -> a.add(b);
          case SUBTRACT -> a.sub(b);
          case MULTIPLY -> a.mul(b);
          case DIVIDE -> a.div(b);
          case POWER -> torch.pow(a, b);
          case LESS -> number(torch.lt(a, b));
          case LESS_OR_EQUAL -> number(torch.le(a, b));
          case GREATER -> number(torch.gt(a, b));
          case GREATER_OR_EQUAL -> number(torch.ge(a, b));
          case EQUAL -> number(torch.eq(a, b));
          case NOT_EQUAL -> number(torch.ne(a, b));
        };
    return new Value(result, left.batched() || right.batched());
  }

  private Tensor number(Tensor truth) {
    return truth.to(type);
  }

  private Value call(Call call) {
    List<Value> values = call.arguments().stream().map(this::value).toList();
    boolean batched = values.stream().anyMatch(Value::batched);
    int rank = values.stream().mapToInt(Value::rank).max().orElse(0);
    List<Tensor> lifted = values.stream().map(value -> value.ofRank(rank)).toList();
    return new Value(result(call, values, lifted), batched);
  }

  /**
   * @param values the arguments
   * @param lifted the same, with equal ranks
   */
  private Tensor result(Call call, List<Value> values, List<Tensor> lifted) {
    Tensor x = lifted.getFirst();
    return switch (call.function()) {
      case ABS -> x.abs();
      case EXP -> x.exp();
      case LOG -> x.log();
      case LOG1P -> x.log1p();
      case SQRT -> x.sqrt();
      case SQUARE -> x.square();
      case SIN -> x.sin();
      case COS -> x.cos();
      case TAN -> x.tan();
      case ASIN -> x.asin();
      case ACOS -> x.acos();
      case ATAN -> x.atan();
      case SINH -> x.sinh();
      case COSH -> x.cosh();
      case TANH -> x.tanh();
      case SIGMOID -> x.sigmoid();
      case RELU -> x.relu();
      case SOFTPLUS -> torch.softplus(x);
      case ERF -> x.erf();
      case SIGN -> x.sign();
      case FLOOR -> x.floor();
      case STEP -> number(torch.ge(x, new Scalar(0.0f)));
      case MIN -> torch.minimum(x, lifted.get(1));
      case MAX -> torch.maximum(x, lifted.get(1));
      case POW -> torch.pow(x, lifted.get(1));
      case CLIP -> torch.minimum(torch.maximum(x, lifted.get(1)), lifted.get(2));
      // With two literals to choose from, the result would be a double.
      case WHERE ->
          number(torch.where(torch.ne(x, new Scalar(0.0f)), lifted.get(1), lifted.get(2)));
      case SUM -> sum(values.getFirst(), call);
      case MEAN -> mean(values.getFirst(), call);
      case NORM -> norm(values.getFirst(), call);
      case MATMUL -> torch.matmul(x, lifted.get(1));
      case CONCAT -> concat(call, values);
    };
  }

  /** One number is its own sum. */
  private static Tensor sum(Value value, Call call) {
    long[] axes = axes(value, call);
    return axes.length == 0
        ? value.tensor()
        : torch.sum(value.tensor(), axes, call.keepDims(), new ScalarTypeOptional());
  }

  private static Tensor mean(Value value, Call call) {
    long[] axes = axes(value, call);
    return axes.length == 0
        ? value.tensor()
        : torch.mean(value.tensor(), axes, call.keepDims(), new ScalarTypeOptional());
  }

  private static Tensor norm(Value value, Call call) {
    long[] axes = axes(value, call);
    return axes.length == 0
        ? value.tensor().abs()
        : torch.linalg_vector_norm(
            value.tensor(), new Scalar(2.0f), axes, call.keepDims(), new ScalarTypeOptional());
  }

  /** The tensor's axes that a call reduces: the given one, or all of the row. */
  private static long[] axes(Value value, Call call) {
    int first = value.batched() ? 1 : 0;
    Integer axis = call.axis();
    return axis == null
        ? LongStream.range(first, first + (long) value.rank()).toArray()
        : new long[] {(long) first + positive(axis, value.rank())};
  }

  private static Tensor concat(Call call, List<Value> values) {
    int rank = values.stream().mapToInt(Value::rank).max().orElse(0);
    Integer axis = call.axis();
    int along = axis == null ? rank - 1 : positive(axis, rank);
    return torch.cat(
        new TensorVector(values.stream().map(Value::tensor).toArray(Tensor[]::new)), 1L + along);
  }

  private static int positive(int axis, int rank) {
    return axis < 0 ? rank + axis : axis;
  }

  private Value index(Index index) {
    Value of = value(index.of());
    Tensor part = of.tensor();
    int axis = of.batched() ? 1 : 0;
    for (Selector.OfAxis selector : index.perAxis(of.rank())) {
      switch (selector) {
        case Selector.At(int position) -> part = part.select(axis, position);
        case Selector.Range range -> {
          int length = Math.toIntExact(part.size(axis));
          int start = range.startIn(length);
          part = part.narrow(axis, start, (long) range.endIn(length) - start);
          axis++;
        }
      }
    }
    return new Value(part, of.batched());
  }

  private static Tensor constant(double number) {
    return torch.scalar_tensor(new Scalar(number), TensorConversion.options(ScalarType.Double));
  }
}
