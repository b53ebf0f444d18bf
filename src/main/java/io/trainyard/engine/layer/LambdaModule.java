package io.trainyard.engine.layer;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.expression.Expression.Binary;
import io.trainyard.spec.expression.Expression.Call;
import io.trainyard.spec.expression.Expression.Index;
import io.trainyard.spec.expression.Expression.Negate;
import io.trainyard.spec.expression.Expression.Selector;
import io.trainyard.spec.expression.Expression.Variable;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import java.util.HashMap;
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

/**
 * A caller's formula, computed node by node. A value is a batch of rows, or one number for all
 * rows: numbers and parameters.
 */
final class LambdaModule {
  private final LambdaSpec spec;
  private final Map<String, Integer> places;
  private final Map<String, Tensor> parameters = new HashMap<>();
  private final long[] row;

  private LambdaModule(Layer layer, LambdaSpec spec, LayerShape shape, LayerWeights weights) {
    this.spec = spec;
    places = spec.places(layer.inputs());
    row = shape.output().toLongs();
    for (String name : spec.parameters().keySet()) {
      parameters.put(name, weights.tensor(name));
    }
  }

  static LayerModule of(Layer layer, LambdaSpec spec, LayerShape shape, LayerWeights weights) {
    LambdaModule module = new LambdaModule(layer, spec, shape, weights);
    return (inputs, pass) -> module.forward(inputs);
  }

  private Tensor forward(Tensor[] given) {
    Tensor[] inputs = new Tensor[given.length];
    for (int i = 0; i < given.length; i++) {
      boolean whole = given[i].scalar_type().intern() == ScalarType.Long;
      inputs[i] = whole ? given[i].to(ScalarType.Float) : given[i];
    }
    Tensor value = new Evaluation(inputs).of(spec.expression()).tensor();
    // Formulas of comparisons and numbers alone come out in another type.
    Tensor typed =
        value.scalar_type().intern() == inputs[0].scalar_type().intern()
            ? value
            : value.to(inputs[0].scalar_type());
    return typed.reshape(LayerModules.batched(inputs[0], row));
  }

  /**
   * A node's value.
   *
   * @param batched whether the first axis is the batch
   */
  private record Value(Tensor tensor, boolean batched) {
    int rank() {
      return (int) tensor.dim() - (batched ? 1 : 0);
    }

    /** The value with axes of length 1 put in front of the row's. */
    Tensor ofRank(int rank) {
      Tensor lifted = tensor;
      for (int missing = rank - rank(); batched && missing > 0; missing--) {
        lifted = lifted.unsqueeze(1);
      }
      return lifted;
    }
  }

  /** One forward pass. */
  private final class Evaluation {
    private final Tensor[] inputs;

    Evaluation(Tensor[] inputs) {
      this.inputs = inputs;
    }

    Value of(Expression expression) {
      return switch (expression) {
        // Double and without axes, so that it takes the type of what it meets.
        case Expression.Literal number -> new Value(constant(number.number()), false);
        case Variable variable -> variable(variable.name());
        case Negate negate -> {
          Value value = of(negate.of());
          yield new Value(value.tensor().neg(), value.batched());
        }
        case Binary binary -> binary(binary);
        case Index index -> index(index);
        case Call call -> call(call);
      };
    }

    private Value variable(String name) {
      Tensor parameter = parameters.get(name);
      return parameter == null
          ? new Value(inputs[Objects.requireNonNull(places.get(name), name)], true)
          : new Value(parameter, false);
    }

    private Value binary(Binary binary) {
      if (binary.operator() == Expression.Operator.POWER
          && binary.right() instanceof Expression.Literal exponent) {
        Value base = of(binary.left());
        return new Value(torch.pow(base.tensor(), new Scalar(exponent.number())), base.batched());
      }
      Value left = of(binary.left());
      Value right = of(binary.right());
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
      return truth.to(inputs[0].scalar_type());
    }

    private Value call(Call call) {
      List<Value> values = call.arguments().stream().map(this::of).toList();
      boolean batched = values.stream().anyMatch(Value::batched);
      int rank = values.stream().mapToInt(Value::rank).max().orElse(0);
      Value first = values.getFirst();
      Tensor result =
          call.function().arguments() == 1 && !call.function().reduces()
              ? unary(call.function(), first.tensor())
              : switch (call.function()) {
                case SUM, MEAN, NORM -> reduce(call, first);
                case CONCAT -> concat(call, values, rank);
                case MATMUL -> torch.matmul(first.ofRank(rank), values.get(1).ofRank(rank));
                default ->
                    several(
                        call.function(), values.stream().map(value -> value.ofRank(rank)).toList());
              };
      return new Value(result, batched);
    }

    private Tensor unary(Expression.Function function, Tensor x) {
      return switch (function) {
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
        case MIN, MAX, POW, CLIP, WHERE, SUM, MEAN, NORM, MATMUL, CONCAT ->
            throw new IllegalStateException(function + " takes more than one value");
      };
    }

    private Tensor several(Expression.Function function, List<Tensor> x) {
      return switch (function) {
        case MIN -> torch.minimum(x.get(0), x.get(1));
        case MAX -> torch.maximum(x.get(0), x.get(1));
        case POW -> torch.pow(x.get(0), x.get(1));
        case CLIP -> torch.minimum(torch.maximum(x.get(0), x.get(1)), x.get(2));
        // Two numbers to choose from are doubles; what else there is, is not.
        case WHERE -> number(torch.where(torch.ne(x.get(0), new Scalar(0.0f)), x.get(1), x.get(2)));
        default -> throw new IllegalStateException(function + " is not elementwise");
      };
    }

    private Tensor reduce(Call call, Value value) {
      int first = value.batched() ? 1 : 0;
      Integer axis = call.axis();
      int counted = axis == null ? 0 : axis < 0 ? value.rank() + axis : axis;
      long[] axes =
          axis == null
              ? LongStream.range(first, first + (long) value.rank()).toArray()
              : new long[] {(long) first + counted};
      if (axes.length == 0) {
        // One number is its own sum and mean.
        return call.function() == Expression.Function.NORM ? value.tensor().abs() : value.tensor();
      }
      return switch (call.function()) {
        case SUM -> torch.sum(value.tensor(), axes, false, new ScalarTypeOptional());
        case MEAN -> torch.mean(value.tensor(), axes, false, new ScalarTypeOptional());
        default ->
            torch.linalg_vector_norm(
                value.tensor(), new Scalar(2.0f), axes, false, new ScalarTypeOptional());
      };
    }

    private Tensor concat(Call call, List<Value> values, int rank) {
      Integer axis = call.axis();
      int counted = axis == null ? rank - 1 : axis < 0 ? rank + axis : axis;
      return torch.cat(
          new TensorVector(values.stream().map(Value::tensor).toArray(Tensor[]::new)),
          1L + counted);
    }

    private Value index(Index index) {
      Value of = of(index.of());
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
  }

  private static Tensor constant(double number) {
    return torch.scalar_tensor(new Scalar(number), TensorConversion.options(ScalarType.Double));
  }
}
