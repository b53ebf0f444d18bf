package io.trainyard.spec.expression;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.expression.Expression.Binary;
import io.trainyard.spec.expression.Expression.Call;
import io.trainyard.spec.expression.Expression.Function;
import io.trainyard.spec.expression.Expression.Index;
import io.trainyard.spec.expression.Expression.Negate;
import io.trainyard.spec.expression.Expression.Operator;
import io.trainyard.spec.expression.Expression.Selector;
import io.trainyard.spec.expression.Expression.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses expressions by recursive descent. From lowest to highest precedence: comparison; + and −;
 * * and /; a sign; ^, which is right-associative; an index. Length and depth are bounded.
 */
final class ExpressionParser {
  private static final int MAX_LENGTH = 2_000;
  private static final int MAX_DEPTH = 50;

  static final Map<String, Double> CONSTANTS = Map.of("pi", Math.PI, "e", Math.E);

  private final ExpressionTokens tokens;
  private int depth;

  ExpressionParser(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "At most %d characters were expected, got %d".formatted(MAX_LENGTH, text.length()));
    }
    tokens = new ExpressionTokens(text);
  }

  Expression parse() {
    Expression expression = comparison();
    if (!tokens.atEnd()) {
      throw tokens.unexpected(expression);
    }
    return expression;
  }

  private Expression comparison() {
    if (++depth > MAX_DEPTH) {
      throw tokens.fault("parentheses nest deeper than " + MAX_DEPTH);
    }
    Expression left = sum();
    Operator operator = tokens.acceptComparison();
    if (operator != null) {
      left = new Binary(operator, left, sum(), left.column());
    }
    depth--;
    return left;
  }

  private Expression sum() {
    Expression left = product();
    while (true) {
      if (tokens.accept("+")) {
        left = new Binary(Operator.ADD, left, product(), left.column());
      } else if (tokens.accept("-")) {
        left = new Binary(Operator.SUBTRACT, left, product(), left.column());
      } else {
        return left;
      }
    }
  }

  private Expression product() {
    Expression left = signed();
    while (true) {
      if (tokens.accept("*")) {
        if (tokens.accept("*")) {
          throw tokens.fault("write ^ for a power, not **");
        }
        left = new Binary(Operator.MULTIPLY, left, signed(), left.column());
      } else if (tokens.accept("/")) {
        left = new Binary(Operator.DIVIDE, left, signed(), left.column());
      } else {
        return left;
      }
    }
  }

  private Expression signed() {
    int column = tokens.column();
    boolean negative = false;
    while (true) {
      if (tokens.accept("-")) {
        negative = !negative;
      } else if (!tokens.accept("+")) {
        break;
      }
    }
    Expression of = power();
    if (!negative) {
      return of;
    }
    return of instanceof Expression.Literal(double number, int _)
        ? new Expression.Literal(-number, column)
        : new Negate(of, column);
  }

  private Expression power() {
    Expression base = indexed();
    if (!tokens.accept("^")) {
      return base;
    }
    if (++depth > MAX_DEPTH) {
      throw tokens.fault("powers nest deeper than " + MAX_DEPTH);
    }
    Expression power = new Binary(Operator.POWER, base, signed(), base.column());
    depth--;
    return power;
  }

  private Expression indexed() {
    Expression of = primary();
    while (tokens.accept("[")) {
      List<Selector> selectors = new ArrayList<>();
      do {
        selectors.add(selector(selectors));
      } while (tokens.accept(","));
      tokens.require("]");
      of = new Index(of, selectors, of.column());
    }
    return of;
  }

  private Selector selector(List<Selector> previous) {
    if (tokens.accept("...")) {
      if (previous.stream().anyMatch(Selector.Rest.class::isInstance)) {
        throw tokens.fault("'...' may occur only once in an index");
      }
      return new Selector.Rest();
    }
    Integer start = tokens.startsInteger() ? (Integer) tokens.integer() : null;
    if (tokens.accept(":")) {
      Integer end = tokens.startsInteger() ? (Integer) tokens.integer() : null;
      return new Selector.Range(start, end);
    }
    if (start == null) {
      throw tokens.expected("a position, a range a:b or '...'");
    }
    return new Selector.At(start);
  }

  private Expression primary() {
    int column = tokens.column();
    if (tokens.accept("(")) {
      Expression inner = comparison();
      tokens.require(")");
      return inner;
    }
    if (tokens.startsNumber()) {
      return new Expression.Literal(tokens.number(), column);
    }
    String name = tokens.name();
    if (name == null) {
      throw tokens.expected("a number, a name or '('");
    }
    if (tokens.accept("(")) {
      return call(name, column);
    }
    Double constant = CONSTANTS.get(name);
    return constant == null ? new Variable(name, column) : new Expression.Literal(constant, column);
  }

  private Expression call(String name, int column) {
    Function function = function(name, column);
    Options options = new Options();
    List<Expression> arguments = new ArrayList<>();
    if (!tokens.accept(")")) {
      do {
        Expression argument = comparison();
        if (!option(argument, function, options)) {
          arguments.add(argument);
        }
      } while (tokens.accept(","));
      tokens.require(")");
    }
    Integer axis = options.axis;
    if (axis == null && function.takesAxis() && arguments.size() > function.arguments()) {
      axis = axis(arguments.getLast());
      if (axis != null) {
        arguments.removeLast();
      } else if (function.reduces()) {
        throw ExpressionTokens.fault(
            arguments.getLast().column(), "the axis of " + name + " must be a whole number");
      }
    }
    boolean manyInputs = function == Function.CONCAT && arguments.size() > function.arguments();
    if (arguments.size() != function.arguments() && !manyInputs) {
      throw ExpressionTokens.fault(
          column,
          "%s takes %d argument%s%s, got %d"
              .formatted(
                  name,
                  function.arguments(),
                  function.arguments() == 1 ? "" : "s",
                  function.takesAxis() ? " and an axis" : elementwise(function),
                  arguments.size()));
    }
    return new Call(function, arguments, axis, options.keepDims, column);
  }

  private static String elementwise(Function function) {
    return function == Function.MIN || function == Function.MAX
        ? ", elementwise; over an axis use the layer global_max_pool"
        : "";
  }

  /** The arguments of a call that have names, as {@code axis=1} and {@code keepdims}. */
  private static final class Options {
    private @Nullable Integer axis;
    private boolean keepDims;
  }

  /** Reads the rest of an argument with a name; false for any other argument. */
  private boolean option(Expression argument, Function function, Options options) {
    if (!(argument instanceof Variable(String name, int column))) {
      return false;
    }
    boolean keepDims = function.reduces() && name.equals("keepdims");
    if (!tokens.accept("=")) {
      options.keepDims |= keepDims;
      return keepDims;
    }
    if (keepDims) {
      String word = String.valueOf(tokens.name()).toLowerCase(Locale.ROOT);
      if (!word.equals("true") && !word.equals("false")) {
        throw ExpressionTokens.fault(column, "keepdims is true or false");
      }
      options.keepDims = word.equals("true");
    } else if (function.takesAxis() && name.equals("axis")) {
      options.axis = tokens.integer();
    } else {
      throw ExpressionTokens.fault(
          column,
          "there is no argument '%s'%s"
              .formatted(
                  JsonObject.shorten(name),
                  function.reduces() ? "; write axis=1 or keepdims=true" : ""));
    }
    return true;
  }

  private static @Nullable Integer axis(Expression expression) {
    return expression instanceof Expression.Literal(double number, int _)
            && number == Math.rint(number)
            && Math.abs(number) < 100
        ? (Integer) (int) number
        : null;
  }

  private static Function function(String name, int column) {
    List<String> words = new ArrayList<>();
    for (Function function : Function.values()) {
      if (function.word().equals(name)) {
        return function;
      }
      words.add(function.word());
    }
    throw ExpressionTokens.fault(
        column,
        "there is no function '%s'%s"
            .formatted(
                JsonObject.shorten(name),
                NameAdvice.before("there are " + String.join(", ", words), name, words)));
  }
}
