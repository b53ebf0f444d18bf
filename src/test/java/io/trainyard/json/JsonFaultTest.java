package io.trainyard.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonToken;

/** What is said about texts that other languages allow and JSON does not. */
class JsonFaultTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": 1,}|no comma after the last member",
        "[1, 2,]|no comma after the last value of a list",
        "[1,, 2]|Unexpected character (','): expected a",
        "{'a': 1}|in double quotes, not in single quotes",
        "{\"a\": 'b'}|in double quotes, not in single quotes",
        "['b']|in double quotes, not in single quotes",
        "// why\\n1|'/' cannot stand here; JSON has no comments",
        "{\"a\": 1 /* why */}|'/' cannot stand here; JSON has no comments",
        "# why\\n1|'#' cannot stand here; JSON has no comments",
        "{\"a\": NaN}|NaN is not a JSON value: numbers are finite, and a missing value is null",
        "[-Infinity]|-Infinity is not a JSON value: numbers are finite",
        "[+Infinity]|Infinity is not a JSON value: numbers are finite",
        "[+1]|a number has no plus sign in front",
        "[007]|a number has no leading zeros",
        "[-01]|a number has no leading zeros",
        "[.5]|a digit must stand before a number's decimal point",
        "[5.]|a digit must follow a number's decimal point",
        "[1e]|Exponent indicator not followed by a digit",
        "{a: 1}|a member's name in double quotes was expected, got 'a'",
        "{1: 2}|a member's name in double quotes was expected, got '1'",
        "[True]|True is not a JSON value: a string stands in double quotes, and the only words",
        "[iris]|iris is not a JSON value: a string stands in double quotes, and the only words",
        "[\"a\\nb\"]|the control character with code 10, which must be escaped, as in \\\\n or",
        "[\"a\\tb\"]|the control character with code 9, which must be escaped",
        "[1\\7]|the control character with code 7 cannot stand between values",
        "\\36[1]|the control character with code 30 cannot stand between values",
        "[1}|']' was expected, got '}'",
        "[1 2]|Unexpected character ('2'): was expecting comma to separate Array entries",
        "{\"a\" 1}|Unexpected character ('1'): was expecting a colon",
        "{\"a\": 1, \"a\": 2}|Duplicate Object property \"a\"",
        "[\"\\\\x\"]|Unrecognized character escape 'x'",
        "{\"a\": [1|expected close marker for Array",
      })
  void faultIsSaidInWordsOfJson(String text, String words) {
    String json = text.translateEscapes();
    assertPlain(() -> StrictJson.parse(json), words.translateEscapes());
    byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    assertPlain(() -> StrictJson.parse(utf8), words.translateEscapes());
    assertPlain(() -> readTokens(utf8), words.translateEscapes());
    assertThatThrownBy(() -> StrictJson.parse(json)).hasMessageContaining(" at line ");
  }

  @ParameterizedTest
  @CsvSource({
    "[, 65, lists and objects may be nested at most 64 deep",
    "7, 1001, a number may have at most 1000 characters",
  })
  void limitIsSaidWithoutItsSetting(String text, int times, String words) {
    assertPlain(() -> StrictJson.parse(text.repeat(times)), words);
  }

  private static void assertPlain(ThrowingCallable read, String words) {
    assertThatThrownBy(read)
        .isInstanceOfSatisfying(
            ServiceException.class,
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.MALFORMED_BODY);
              assertThat(fault.detail())
                  .startsWith("The body is not valid JSON")
                  .contains(words)
                  .doesNotContain("Feature", "ALLOW_", "Stream", "Source", "CTRL", "(code", "`");
            });
  }

  private static void readTokens(byte[] utf8) {
    try (JsonStream stream = new JsonStream(utf8)) {
      int depth = 0;
      do {
        JsonToken token = stream.next();
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (token == JsonToken.VALUE_STRING) {
          assertThat(stream.text()).isNotNull();
        }
      } while (depth > 0);
      stream.expectEnd();
    }
  }
}
