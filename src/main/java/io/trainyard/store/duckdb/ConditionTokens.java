package io.trainyard.store.duckdb;

import io.trainyard.error.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The words of a condition, each with its position. */
final class ConditionTokens {
  /** A longer condition is refused before it is read. */
  static final int MAX_LENGTH = 1 << 16;

  private static final List<String> LONG_SYMBOLS =
      List.of("<=", ">=", "<>", "!=", "==", "::", "**", "||");

  private static final String SYMBOLS = "()=<>+-*/%,";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int next;

  enum Kind {
    WORD,
    /** A name in double quotes; the text is without them. */
    QUOTED,
    /** A text in single quotes; the text is without them. */
    TEXT,
    NUMBER,
    SYMBOL,
    END
  }

  /** One word; {@code position} counts from 1. */
  record Token(Kind kind, String text, int position) {
    boolean is(String symbolOrKeyword) {
      return (kind == Kind.WORD && text.equalsIgnoreCase(symbolOrKeyword))
          || (kind == Kind.SYMBOL && text.equals(symbolOrKeyword));
    }

    ServiceException unexpected() {
      return Condition.refused(
          kind == Kind.END
              ? "it ends early, at position " + position
              : "'"
                  + (text.length() <= 40 ? text : text.substring(0, 37) + "...")
                  + "' at position "
                  + position
                  + " is not allowed; a condition compares columns with literals, with arithmetic,"
                  + " AND, OR, NOT, IN, BETWEEN, LIKE and IS NULL; texts are in single quotes, and"
                  + " names with other characters than letters, digits and _ in double quotes");
    }
  }

  ConditionTokens(String text) {
    this.text = text;
    if (text.length() > MAX_LENGTH) {
      throw Condition.refused(
          "it has %d characters; at most %d are allowed".formatted(text.length(), MAX_LENGTH));
    }
    while (skipSpace()) {
      tokens.add(read());
    }
    tokens.add(new Token(Kind.END, "", text.length() + 1));
  }

  /** Skips spaces and comments; false at the end of the text. */
  private boolean skipSpace() {
    while (at < text.length()) {
      if (text.startsWith("--", at)) {
        skipBehind("\n");
      } else if (text.startsWith("/*", at)) {
        skipBehind("*/");
      } else if (!Character.isWhitespace(text.charAt(at))) {
        return true;
      } else {
        at++;
      }
    }
    return false;
  }

  private void skipBehind(String end) {
    int found = text.indexOf(end, at + 2);
    at = found < 0 ? text.length() : found + end.length();
  }

  private Token read() {
    int from = at;
    char first = text.charAt(at);
    if (first == '\'' || first == '"') {
      return quoted(first);
    }
    if (isDigit(at) || (first == '.' && isDigit(at + 1))) {
      return number();
    }
    if (isLetter(first)) {
      while (at < text.length() && (isLetter(text.charAt(at)) || isDigit(at))) {
        at++;
      }
      return new Token(Kind.WORD, text.substring(from, at), from + 1);
    }
    for (String symbol : LONG_SYMBOLS) {
      if (text.startsWith(symbol, at)) {
        at += symbol.length();
        return new Token(Kind.SYMBOL, symbol, from + 1);
      }
    }
    Token symbol = new Token(Kind.SYMBOL, text.substring(at, at + 1), from + 1);
    if (SYMBOLS.indexOf(first) < 0) {
      throw symbol.unexpected();
    }
    at++;
    return symbol;
  }

  private Token quoted(char quote) {
    int from = at++;
    StringBuilder content = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != quote) {
        content.append(c);
      } else if (at < text.length() && text.charAt(at) == quote) {
        content.append(quote);
        at++;
      } else {
        return new Token(quote == '"' ? Kind.QUOTED : Kind.TEXT, content.toString(), from + 1);
      }
    }
    throw Condition.refused("the quote at position " + (from + 1) + " is never closed");
  }

  private Token number() {
    int from = at;
    digits();
    if (at < text.length() && text.charAt(at) == '.') {
      at++;
      digits();
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      int exponent = at++;
      if (at < text.length() && "+-".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      if (!isDigit(at)) {
        at = exponent;
      }
      digits();
    }
    return new Token(Kind.NUMBER, text.substring(from, at), from + 1);
  }

  private void digits() {
    while (isDigit(at)) {
      at++;
    }
  }

  private boolean isDigit(int index) {
    return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
  }

  private static boolean isLetter(char c) {
    return c == '_' || Character.isLetter(c);
  }

  Token peek() {
    return tokens.get(next);
  }

  Token take() {
    Token token = tokens.get(next);
    next = Math.min(next + 1, tokens.size() - 1);
    return token;
  }

  /** Takes the next word if it is this symbol or keyword. */
  boolean takeIf(String symbolOrKeyword) {
    boolean matches = peek().is(symbolOrKeyword);
    if (matches) {
      take();
    }
    return matches;
  }

  void expect(String symbolOrKeyword) {
    Token token = take();
    if (!token.is(symbolOrKeyword)) {
      throw Condition.refused(
          "'%s' was expected at position %d"
              .formatted(symbolOrKeyword.toUpperCase(Locale.ROOT), token.position()));
    }
  }
}
