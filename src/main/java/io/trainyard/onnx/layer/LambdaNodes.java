package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.onnx.format.OnnxTypes;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.expression.Expression.Binary;
import io.trainyard.spec.expression.Expression.Call;
import io.trainyard.spec.expression.Expression.Index;
import io.trainyard.spec.expression.Expression.Selector;
import io.trainyard.spec.expression.ExpressionShapes;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.tensor.Shape;
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
  private final Map<String, Shape> shapes;

  private LambdaNodes(LayerWriter to, Map<String, Term> variables, Map<String, Shape> shapes) {
    this.to = to;
    this.variables = variables;
    this.shapes = shapes;
  }

  /**
   * A node's value: a batch of rows, or one number for all rows.
   *
   * @param rank of a row, or of the number
   * @param batched whether the first axis is the batch
   */
  private record Term(String name, int rank, boolean batched) {
    int first() {
      return batched ? 1 : 0;
    }
  }

  static String of(LambdaSpec spec, List<Value> inputs, LayerWriter to) {
    Map<String, Term> variables = new HashMap<>();
    Map<String, Shape> shapes = new HashMap<>();
    spec.places(to.layer())
        .forEach(
            (name, place) -> {
              Shape row = to.shape().inputs().get(place);
              shapes.put(name, row);
              variables.put(name, new Term(to.toFloats(inputs.get(place)), row.rank(), true));
            });
    for (String name : spec.parameters().keySet()) {
      shapes.put(name, Shape.SCALAR);
      String number = to.node("Reshape", List.of(to.weight(name), to.integers()));
      variables.put(name, new Term(number, 0, false));
    }
    Term value = new LambdaNodes(to, variables, shapes).of(spec.expression());
    return to.reshape(value.name(), to.shape().output().dims());
  }

  private Term of(Expression expression) {
    return switch (expression) {
      case Expression.Literal number -> new Term(to.number(number.number()), 0, false);
      case Expression.Variable variable ->
          Objects.requireNonNull(variables.get(variable.name()), variable.name());
      case Expression.Negate negate -> {
        Term of = of(negate.of());
        yield new Term(to.node("Neg", List.of(of.name())), of.rank(), of.batched());
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
    int rank = terms.stream().mapToInt(Term::rank).max().orElse(0);
    boolean batched = terms.stream().anyMatch(Term::batched);
    List<String> lifted = terms.stream().map(term -> lifted(term, rank)).toList();
    return new Term(operation.apply(lifted), rank, batched);
  }

  /** The term with axes of length 1 in front of the row's, up to this rank. */
  private String lifted(Term term, int rank) {
    int missing = rank - term.rank();
    return term.batched() && missing > 0
        ? to.node(
            "Unsqueeze",
            List.of(
                term.name(),
                to.integers(IntStream.rangeClosed(1, missing).asLongStream().toArray())))
        : term.name();
  }

  private Term call(Call call) {
    List<Term> terms = call.arguments().stream().map(this::of).toList();
    return switch (call.function()) {
      case SUM -> reduced("ReduceSum", call, terms.getFirst());
      case MEAN -> reduced("ReduceMean", call, terms.getFirst());
      case NORM -> reduced("ReduceL2", call, terms.getFirst());
      case MATMUL -> simple("MatMul", terms);
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
    int rank = term.rank();
    if (rank == 0) {
      return operator.equals("ReduceL2") ? simple("Abs", List.of(term)) : term;
    }
    Integer axis = call.axis();
    List<Integer> axes =
        axis == null ? IntStream.range(0, rank).boxed().toList() : List.of(positive(axis, rank));
    List<Integer> all = axes.stream().map(i -> i + term.first()).toList();
    return new Term(
        to.reduce(operator, term.name(), all, call.keepDims()),
        call.keepDims() ? rank : rank - axes.size(),
        term.batched());
  }

  private Term concat(Call call, List<Term> terms) {
    int rank = terms.getFirst().rank();
    Integer given = call.axis();
    int axis = positive(given == null ? -1 : given, rank);
    String joined =
        to.node("Concat", terms.stream().map(Term::name).toList(), Attribute.of("axis", 1L + axis));
    return new Term(joined, rank, true);
  }

  private static int positive(int axis, int rank) {
    return axis < 0 ? rank + axis : axis;
  }

  private Term index(Index index) {
    Term of = of(index.of());
    String part = of.name();
    int axis = of.first();
    Shape row = ExpressionShapes.infer(index.of(), shapes).shape();
    List<Selector.OfAxis> selectors = index.perAxis(row.rank());
    for (int i = 0; i < selectors.size(); i++) {
      int length = row.axis(i);
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
          axis++;
        }
      }
    }
    return new Term(part, axis - of.first(), of.batched());
  }
}
