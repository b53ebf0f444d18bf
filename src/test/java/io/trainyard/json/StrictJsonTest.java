package io.trainyard.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import org.junit.jupiter.api.Test;

class StrictJsonTest {

  @Test
  void invalidJsonIsMalformed() {
    for (String text :
        new String[] {
          "",
          " ",
          "{",
          "{\"a\": NaN}",
          "{\"a\": Infinity}",
          "{\"a\": 01}",
          "{\"a\": 1,}",
          "[1] 2",
          "{\"a\": 1, \"a\": 2}",
          "{'a': 1}",
          "nul",
          "\"\n\"",
          "[".repeat(65) + "]".repeat(65)
        }) {
      assertThatThrownBy(() -> StrictJson.parse(text))
          .as(text)
          .isInstanceOfSatisfying(
              ServiceException.class,
              fault -> assertThat(fault.code()).isEqualTo(ErrorCode.MALFORMED_BODY));
    }
  }

  @Test
  void refusedStringsAndNumbersHavePointers() {
    assertThatThrownBy(
            () -> StrictJson.parse("{\"a\": [1, 1e400], \"b\": {\"c~/d\": \"x\\u0000\"}}"))
        .isInstanceOfSatisfying(
            ServiceException.class,
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.INVALID_BODY);
              assertThat(fault.violations())
                  .extracting(Violation::pointer)
                  .containsExactly("/a/1", "/b/c~0~1d");
            });
  }

  @Test
  void integersBeyondADoubleHavePointers() {
    for (String sign : new String[] {"", "-"}) {
      for (int digits : new int[] {310, 400, 999}) {
        String number = sign + "9".repeat(digits);
        assertThatThrownBy(() -> StrictJson.parse("{\"a\": [1, " + number + "]}"))
            .isInstanceOfSatisfying(
                ServiceException.class,
                fault ->
                    assertThat(fault.violations())
                        .extracting(Violation::pointer)
                        .containsExactly("/a/1"));
      }
    }
    assertThat(StrictJson.parse("1" + "0".repeat(308)).doubleValue()).isEqualTo(1e308);
  }

  @Test
  void ordinaryJsonIsRead() {
    assertThat(StrictJson.parse("{\"a\": [1, 2.5, null, true, \"ü\"]}").get("a").size())
        .isEqualTo(5);
  }

  @Test
  void messagesDoNotMentionTheParser() {
    assertThatThrownBy(() -> StrictJson.parse("{"))
        .hasMessageContaining("not valid JSON")
        .hasMessageNotContaining("Source")
        .hasMessageNotContaining("StreamReadFeature");
  }
}
