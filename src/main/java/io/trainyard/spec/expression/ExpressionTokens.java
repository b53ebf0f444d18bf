package io.trainyard.spec.expression;

import io.trainyard.spec.expression.Expression.Operator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The tokens of an expression's text. Columns count from 1. */
final class ExpressionTokens {
  private static final Pattern NUMBER = Pattern.compile("(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern INTEGER = Pattern.compile("-?\\d{1,9}");

  /** An operator comes before its own prefix: {@code <=} before {@code <}. */
  private static final List<Operator> COMPARISONS =
      List.of(
          Operator.LESS_OR_EQUAL,
          Operator.GREATER_OR_EQUAL,
          Operator.EQUAL,
          Operator.NOT_EQUAL,
          Operator.LESS,
          Operator.GREATER);

  private static final Set<String> LIBRARIES =
      Set.of("np", "numpy", "torch", "tf", "math", "K", "F", "keras", "Math");

  private final String text;
  private int position;

  ExpressionTokens(String text) {
    this.text = text;
    skip();
  }

  int column() {
    return position + 1;
  }

  boolean atEnd() {
    return position == text.length();
  }

  /** Skips a symbol if it comes next. */
  boolean accept(String symbol) {
    if (!text.startsWith(symbol, position)) {
      return false;
    }
    advance(symbol.length());
    return true;
  }

  void require(String symbol) {
    if (!accept(symbol)) {
      throw expected("'" + symbol + "'");
    }
  }

  @Nullable Operator acceptComparison() {
    for (Operator operator : COMPARISONS) {
      if (accept(operator.symbol())) {
        return operator;
      }
    }
    return null;
  }

  boolean startsNumber() {
    return matches(NUMBER) != null && !text.startsWith("...", position);
  }

  double number() {
    String digits = matches(NUMBER);
    if (digits == null) {
      throw expected("a number");
    }
    double number = Double.parseDouble(digits);
    if (!Double.isFinite(number)) {
      throw fault("the number is beyond the range of a double");
    }
    advance(digits.length());
    return number;
  }

  boolean startsInteger() {
    return matches(INTEGER) != null;
  }

  int integer() {
    String digits = matches(INTEGER);
    if (digits == null) {
      throw expected("a whole number");
    }
    advance(digits.length());
    return Integer.parseInt(digits);
  }

  @Nullable String name() {
    String name = matches(NAME);
    if (name != null) {
      advance(name.length());
    }
    return name;
  }

  /** The fault that something follows an expression that is complete. */
  IllegalArgumentException unexpected(Expression before) {
    int from = position;
    if (before instanceof Expression.Variable(String owner, int _) && accept(".")) {
      String name = name();
      position = from;
      if (name != null) {
        return LIBRARIES.contains(owner)
            ? fault("leave '" + owner + ".' out: functions are written without a library")
            : fault("functions stand in front: write %s(%s)".formatted(name, owner));
      }
    }
    position = from;
    return accept("=")
        ? fault("an operator or the end was expected, got '='; == compares")
        : expected("an operator or the end");
  }

  IllegalArgumentException expected(String what) {
    String found = atEnd() ? "the end" : "'" + text.substring(position, endOfToken()) + "'";
    return fault(what + " was expected, got " + found);
  }

  IllegalArgumentException fault(String detail) {
    return fault(column(), detail);
  }

  static IllegalArgumentException fault(int column, String detail) {
    return new IllegalArgumentException("At column " + column + ": " + detail);
  }

  private int endOfToken() {
    String word = matches(NAME);
    String shown = word == null ? matches(NUMBER) : word;
    int length = shown == null ? Character.charCount(text.codePointAt(position)) : shown.length();
    return position + Math.min(length, 40);
  }

  private @Nullable String matches(Pattern pattern) {
    Matcher matcher = pattern.matcher(text).region(position, text.length());
    return matcher.lookingAt() ? matcher.group() : null;
  }

  private void advance(int length) {
    position += length;
    skip();
  }

  private void skip() {
    while (position < text.length() && " \t\n\r".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }
}
