package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.onnx.format.OnnxTypes;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.expression.Expression.Binary;
import io.trainyard.spec.expression.Expression.Call;
import io.trainyard.spec.expression.Expression.Index;
import io.trainyard.spec.expression.Expression.Selector;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Expressions, node by node. All numbers are floats. */
final class LambdaNodes {
  private final LayerWriter to;
  private final Map<String, Term> variables;

  private LambdaNodes(LayerWriter to, Map<String, Term> variables) {
    this.to = to;
    this.variables = variables;
  }

  /**
   * A node's value: a batch of rows, or one number for all rows.
   *
   * @param row the shape of a row, or that of the number
   * @param batched whether the first axis is the batch
   */
  private record Term(String name, Shape row, boolean batched) {
    int first() {
      return batched ? 1 : 0;
    }
  }

  static String of(LambdaSpec spec, List<Value> inputs, LayerWriter to) {
    Map<String, Term> variables = new HashMap<>();
    spec.places(to.layer().inputs())
        .forEach(
            (name, place) ->
                variables.put(
                    name,
                    new Term(
                        to.toFloats(inputs.get(place)), to.shape().inputs().get(place), true)));
    for (String name : spec.parameters().keySet()) {
      variables.put(
          name,
          new Term(
              to.node("Reshape", List.of(to.weight(name), to.integers())), Shape.SCALAR, false));
    }
    Term value = new LambdaNodes(to, variables).of(spec.expression());
    return to.reshape(value.name(), to.shape().output().dims());
  }

  private Term of(Expression expression) {
    return switch (expression) {
      case Expression.Literal number -> new Term(to.number(number.number()), Shape.SCALAR, false);
      case Expression.Variable variable ->
          Objects.requireNonNull(variables.get(variable.name()), variable.name());
      case Expression.Negate negate -> {
        Term of = of(negate.of());
        yield new Term(to.node("Neg", List.of(of.name())), of.row(), of.batched());
      }
      case Binary binary -> binary(binary);
      case Index index -> index(index);
      case Call call -> call(call);
    };
  }

  private Term binary(Binary binary) {
    List<Term> terms = List.of(of(binary.left()), of(binary.right()));
    return elementwise(
        terms,
        ab ->
            switch (binary.operator()) {
              case ADD -> to.node("Add", ab);
              case SUBTRACT -> to.node("Sub", ab);
              case MULTIPLY -> to.node("Mul", ab);
              case DIVIDE -> to.node("Div", ab);
              case POWER -> to.node("Pow", ab);
              case LESS -> number("Less", ab);
              case LESS_OR_EQUAL -> number("LessOrEqual", ab);
              case GREATER -> number("Greater", ab);
              case GREATER_OR_EQUAL -> number("GreaterOrEqual", ab);
              case EQUAL -> number("Equal", ab);
              case NOT_EQUAL -> to.cast(not("Equal", ab), OnnxTypes.FLOAT);
            });
  }

  private String number(String comparison, List<String> inputs) {
    return to.cast(to.node(comparison, inputs), OnnxTypes.FLOAT);
  }

  private String not(String comparison, List<String> inputs) {
    return to.node("Not", List.of(to.node(comparison, inputs)));
  }

  /** One operation on terms that broadcast. */
  private Term elementwise(List<Term> terms, Function<List<String>, String> operation) {
    Shape row = terms.stream().map(Term::row).reduce(Shape.SCALAR, LambdaNodes::broadcast);
    boolean batched = terms.stream().anyMatch(Term::batched);
    List<String> lifted = terms.stream().map(term -> lifted(term, row.rank())).toList();
    return new Term(operation.apply(lifted), row, batched);
  }

  /** The term with axes of length 1 in front of the row's, up to this rank. */
  private String lifted(Term term, int rank) {
    int missing = rank - term.row().rank();
    return term.batched() && missing > 0
        ? to.node(
            "Unsqueeze",
            List.of(
                term.name(),
                to.integers(IntStream.rangeClosed(1, missing).asLongStream().toArray())))
        : term.name();
  }

  private static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    List<Integer> dims = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      int inA = axis - (rank - a.rank());
      int inB = axis - (rank - b.rank());
      int lengthA = inA < 0 ? 1 : a.axis(inA);
      int lengthB = inB < 0 ? 1 : b.axis(inB);
      dims.add(lengthA == 1 ? lengthB : lengthA);
    }
    return new Shape(dims);
  }

  private Term call(Call call) {
    List<Term> terms = call.arguments().stream().map(this::of).toList();
    return switch (call.function()) {
      case SUM -> reduced("ReduceSum", call, terms.getFirst());
      case MEAN -> reduced("ReduceMean", call, terms.getFirst());
      case NORM -> reduced("ReduceL2", call, terms.getFirst());
      case MATMUL -> matmul(terms);
      case CONCAT -> concat(call, terms);
      case ABS -> simple("Abs", terms);
      case EXP -> simple("Exp", terms);
      case LOG -> simple("Log", terms);
      case LOG1P -> elementwise(terms, x -> to.node("Log", List.of(plusOne(x))));
      case SQRT -> simple("Sqrt", terms);
      case SQUARE -> elementwise(terms, x -> to.multiply(x.getFirst(), x.getFirst()));
      case SIN -> simple("Sin", terms);
      case COS -> simple("Cos", terms);
      case TAN -> simple("Tan", terms);
      case ASIN -> simple("Asin", terms);
      case ACOS -> simple("Acos", terms);
      case ATAN -> simple("Atan", terms);
      case SINH -> simple("Sinh", terms);
      case COSH -> simple("Cosh", terms);
      case TANH -> simple("Tanh", terms);
      case SIGMOID -> simple("Sigmoid", terms);
      case RELU -> simple("Relu", terms);
      case SOFTPLUS -> simple("Softplus", terms);
      case ERF -> simple("Erf", terms);
      case SIGN -> simple("Sign", terms);
      case FLOOR -> simple("Floor", terms);
      case STEP -> elementwise(terms, x -> ActivationNodes.step(x.getFirst(), to));
      case MIN -> simple("Min", terms);
      case MAX -> simple("Max", terms);
      case POW -> simple("Pow", terms);
      case CLIP ->
          elementwise(
              terms,
              x -> to.node("Min", List.of(to.node("Max", List.of(x.get(0), x.get(1))), x.get(2))));
      case WHERE ->
          elementwise(
              terms,
              x ->
                  to.node(
                      "Where",
                      List.of(not("Equal", List.of(x.get(0), to.number(0))), x.get(1), x.get(2))));
    };
  }

  private Term simple(String operator, List<Term> terms) {
    return elementwise(terms, inputs -> to.node(operator, inputs));
  }

  private String plusOne(List<String> x) {
    return to.add(x.getFirst(), to.number(1));
  }

  /** One number is its own sum. */
  private Term reduced(String operator, Call call, Term term) {
    int rank = term.row().rank();
    if (rank == 0) {
      return operator.equals("ReduceL2") ? simple("Abs", List.of(term)) : term;
    }
    Integer axis = call.axis();
    List<Integer> axes =
        axis == null ? IntStream.range(0, rank).boxed().toList() : List.of(positive(axis, rank));
    List<Integer> dims = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      if (!axes.contains(i)) {
        dims.add(term.row().axis(i));
      } else if (call.keepDims()) {
        dims.add(1);
      }
    }
    List<Integer> all = axes.stream().map(i -> i + term.first()).toList();
    return new Term(
        to.reduce(operator, term.name(), all, call.keepDims()), new Shape(dims), term.batched());
  }

  private Term matmul(List<Term> terms) {
    Shape a = terms.getFirst().row();
    Shape b = terms.getLast().row();
    int rank = Math.max(a.rank(), b.rank());
    Shape leading =
        broadcast(
            new Shape(a.dims().subList(0, a.rank() - 2)),
            new Shape(b.dims().subList(0, b.rank() - 2)));
    List<Integer> dims = new ArrayList<>(leading.dims());
    dims.add(a.axis(-2));
    dims.add(b.last());
    List<String> inputs = terms.stream().map(term -> lifted(term, rank)).toList();
    return new Term(to.node("MatMul", inputs), new Shape(dims), true);
  }

  private Term concat(Call call, List<Term> terms) {
    Shape first = terms.getFirst().row();
    Integer given = call.axis();
    int axis = positive(given == null ? -1 : given, first.rank());
    List<Integer> dims = new ArrayList<>(first.dims());
    dims.set(axis, terms.stream().mapToInt(term -> term.row().axis(axis)).sum());
    String joined =
        to.node("Concat", terms.stream().map(Term::name).toList(), Attribute.of("axis", 1L + axis));
    return new Term(joined, new Shape(dims), true);
  }

  private static int positive(int axis, int rank) {
    return axis < 0 ? rank + axis : axis;
  }

  private Term index(Index index) {
    Term of = of(index.of());
    String part = of.name();
    int axis = of.first();
    List<Integer> dims = new ArrayList<>();
    List<Selector.OfAxis> selectors = index.perAxis(of.row().rank());
    for (int i = 0; i < selectors.size(); i++) {
      int length = of.row().axis(i);
      switch (selectors.get(i)) {
        case Selector.At(int position) ->
            part =
                to.node(
                    "Gather",
                    List.of(part, to.integer(positive(position, length))),
                    Attribute.of("axis", (long) axis));
        case Selector.Range range -> {
          int start = range.startIn(length);
          int end = range.endIn(length);
          part = end - start == length ? part : to.slice(part, axis, start, end);
          dims.add(end - start);
          axis++;
        }
      }
    }
    return new Term(part, new Shape(dims), of.batched());
  }
}
