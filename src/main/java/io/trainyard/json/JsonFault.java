package io.trainyard.json;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says what is wrong with a text that is not JSON, without the terms and settings of the parser.
 */
final class JsonFault {
  private static final List<Fault> FAULTS =
      List.of(
          new Fault(
              "Non-standard token '(.*?)'.*",
              "$1 is not a JSON value: numbers are finite, and a missing value is null"),
          new Fault(".*have plus signs.*", "a number has no plus sign in front"),
          new Fault(".*Leading zeroes.*", "a number has no leading zeros"),
          new Fault(
              ".*Decimal point not followed.*", "a digit must follow a number's decimal point"),
          new Fault(
              ".*\\(code 46\\)\\): expected a .*value.*",
              "a digit must stand before a number's decimal point"),
          new Fault(
              ".*\\('([/#])' \\(code \\d+\\)\\).*", "'$1' cannot stand here; JSON has no comments"),
          new Fault(
              "Unexpected character \\(''' .*",
              "names and strings stand in double quotes, not in single quotes"),
          new Fault(
              ".*\\(code 125\\)\\): was expecting double-quote.*",
              "'}' cannot follow a comma: there is no comma after the last member"),
          new Fault(
              ".*\\(code 93\\)\\): expected a .*value.*",
              "a value was expected, got ']': there is no comma after the last value of a list"),
          new Fault(
              "Unexpected character \\('(.+?)' .*was expecting double-quote.*",
              "a member's name in double quotes was expected, got '$1'"),
          new Fault(
              "Unrecognized token '(.*?)'.*",
              "$1 is not a JSON value: a string stands in double quotes, and the only words are"
                  + " true, false and null"),
          new Fault(
              "Illegal unquoted character \\(\\(CTRL-CHAR, code (\\d+)\\)\\).*",
              "a string contains the control character with code $1, which must be escaped, as in"
                  + " \\\\n or \\\\u001f"),
          new Fault(
              "Illegal character \\(\\(CTRL-CHAR, code (\\d+)\\)\\).*",
              "the control character with code $1 cannot stand between values"),
          new Fault(
              "Unexpected close marker '(.)': expected '(.)'.*", "'$2' was expected, got '$1'"),
          new Fault(
              "Document nesting depth .*allowed \\((\\d+).*",
              "lists and objects may be nested at most $1 deep"),
          new Fault(
              "Number value length .*allowed \\((\\d+).*",
              "a number may have at most $1 characters"));

  /** Settings and places in other messages. */
  private static final Pattern TERMS =
      Pattern.compile(
          "\\s*\\((start marker at|consider enabling|for \\w+ starting at) .*"
              + "|\\[Source: [^]]*]|[,:] (from|enable) `[^`]*`( to allow)?| \\(code \\d+[^)]*\\)");

  private JsonFault() {}

  /**
   * @param message a message of the parser as a pattern
   * @param words the replacement, with the groups of the pattern
   */
  private record Fault(Pattern message, String words) {
    Fault(String message, String words) {
      this(Pattern.compile(message), words);
    }
  }

  /** The fault that a message of the parser is about, in one line. */
  static String words(String message) {
    String line = message.lines().findFirst().orElse("");
    for (Fault fault : FAULTS) {
      Matcher matcher = fault.message.matcher(line);
      if (matcher.matches()) {
        return matcher.replaceFirst(fault.words);
      }
    }
    return TERMS.matcher(line).replaceAll("");
  }
}
