package io.trainyard.spec.expression;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A formula over the values of a row. Each node knows the column, from 1, where it starts in the
 * text.
 */
public sealed interface Expression {
  int column();

  record Literal(double number, int column) implements Expression {}

  /** An input or a parameter. */
  record Variable(String name, int column) implements Expression {}

  record Negate(Expression of, int column) implements Expression {}

  record Binary(Operator operator, Expression left, Expression right, int column)
      implements Expression {}

  /**
   * A function's value.
   *
   * @param axis for sums, means, norms and concatenations; null for all axes, or the last one
   */
  record Call(Function function, List<Expression> arguments, @Nullable Integer axis, int column)
      implements Expression {
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  /** A part of a value. */
  record Index(Expression of, List<Selector> selectors, int column) implements Expression {
    public Index {
      selectors = List.copyOf(selectors);
    }
  }

  /** What an index says about one axis, or about all that are not spoken of. */
  sealed interface Selector {
    /** One element; the axis goes. */
    record At(int place) implements Selector {}

    /** Elements from start to end, end left out; null for the first or up to the last. */
    record Range(@Nullable Integer start, @Nullable Integer end) implements Selector {
      /** The first place in an axis of that length. */
      public int startIn(int length) {
        return start == null ? 0 : start < 0 ? length + start : start;
      }

      /** The place behind the last. */
      public int endIn(int length) {
        return end == null ? length : end < 0 ? length + end : end;
      }
    }

    /** {@code ...}: the axes between. */
    record Rest() implements Selector {}
  }

  enum Operator {
    ADD("+"),
    SUBTRACT("-"),
    MULTIPLY("*"),
    DIVIDE("/"),
    POWER("^"),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">="),
    EQUAL("=="),
    NOT_EQUAL("!=");

    private final String symbol;

    Operator(String symbol) {
      this.symbol = symbol;
    }

    public String symbol() {
      return symbol;
    }

    /** Gives 1 or 0 and has no slope. */
    public boolean isComparison() {
      return switch (this) {
        case ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER -> false;
        case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, EQUAL, NOT_EQUAL -> true;
      };
    }
  }

  enum Function {
    ABS(1),
    EXP(1),
    LOG(1),
    LOG1P(1),
    SQRT(1),
    SQUARE(1),
    SIN(1),
    COS(1),
    TAN(1),
    ASIN(1),
    ACOS(1),
    ATAN(1),
    SINH(1),
    COSH(1),
    TANH(1),
    SIGMOID(1),
    RELU(1),
    SOFTPLUS(1),
    ERF(1),
    /** −1, 0 or 1. */
    SIGN(1),
    FLOOR(1),
    /** 1 for x ≥ 0, else 0. */
    STEP(1),
    MIN(2),
    MAX(2),
    POW(2),
    /** min(max(x, low), high). */
    CLIP(3),
    /** The second where the first is not 0, else the third. */
    WHERE(3),
    SUM(1),
    MEAN(1),
    /** √Σx². */
    NORM(1),
    MATMUL(2),
    CONCAT(2);

    private final int arguments;

    Function(int arguments) {
      this.arguments = arguments;
    }

    /** How many values it takes; a concatenation takes that many or more. */
    public int arguments() {
      return arguments;
    }

    /** Whether it makes one number of an axis, or of all. */
    public boolean reduces() {
      return this == SUM || this == MEAN || this == NORM;
    }

    boolean takesAxis() {
      return reduces() || this == CONCAT;
    }

    boolean hasNoSlope() {
      return this == SIGN || this == FLOOR || this == STEP;
    }

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The formula of a text; throws with the column and what was expected there. */
  static Expression parse(String text) {
    return new ExpressionParser(text).parse();
  }

  /** Selectors for each of a value's axes; what nothing is said of is taken whole. */
  static List<Selector> spread(List<Selector> selectors, int rank) {
    return ExpressionShapes.spread(selectors, rank);
  }

  /** The variables it names. */
  default Set<String> variables() {
    Set<String> names = new HashSet<>();
    collect(this, false, names);
    return names;
  }

  /** The variables that a gradient reaches: not only through steps, floors, signs, comparisons. */
  default Set<String> differentiable() {
    Set<String> names = new HashSet<>();
    collect(this, true, names);
    return names;
  }

  private static void collect(Expression expression, boolean onlySlopes, Set<String> names) {
    switch (expression) {
      case Literal _ -> {}
      case Variable variable -> names.add(variable.name());
      case Negate negate -> collect(negate.of(), onlySlopes, names);
      case Index index -> collect(index.of(), onlySlopes, names);
      case Binary binary -> {
        if (!(onlySlopes && binary.operator().isComparison())) {
          collect(binary.left(), onlySlopes, names);
          collect(binary.right(), onlySlopes, names);
        }
      }
      case Call call -> {
        if (!(onlySlopes && call.function().hasNoSlope())) {
          // The condition of a choice only chooses.
          int from = onlySlopes && call.function() == Function.WHERE ? 1 : 0;
          call.arguments().stream()
              .skip(from)
              .forEach(argument -> collect(argument, onlySlopes, names));
        }
      }
    }
  }
}
