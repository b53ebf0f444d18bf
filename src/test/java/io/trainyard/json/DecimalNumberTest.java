package io.trainyard.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@Tag("long")
class DecimalNumberTest {
  private final DecimalNumber number = new DecimalNumber();

  /** The index behind the number, or −1. */
  private int read(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return number.read(Arrays.copyOf(bytes, bytes.length + DecimalNumber.MAX_LENGTH), 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "+7",
        "007",
        "1.",
        ".5",
        "-.5",
        "1e5",
        "1E-5",
        "1e+05",
        "123456789012345678",
        "0.1",
        "0.30000000000000004",
        "9007199254740993",
        "9007199254740992.5",
        "1e23",
        "8.41e21",
        "9.5367431640625e-7",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "0.000000000000000000012345678901234567",
        "1.000000000000000000e+00",
        "9999999999999999999e-19",
        "5e-324",
        "1.7976931348623159e308",
        "1e400",
        "1e-400",
        "123456789012345678901234567890",
        "4503599627370497.5",
        "4503599627370496.5",
        "-1.234567890123456789e+18"
      })
  void numberIsTheNearestDouble(String text) {
    int end = read(text + ",");
    if (end >= 0) {
      assertThat(end).isEqualTo(text.length());
      assertThat(number.value()).isEqualTo(Double.parseDouble(text));
    }
  }

  @Test
  void commonNumbersNeedNoFallback() {
    for (String text :
        new String[] {"1", "-2.5", "0.1234567890123456", "1.23456789012345678e-5", "6.02e23"}) {
      assertThat(read(text + ",")).as(text).isEqualTo(text.length());
    }
    assertThat(read("-17,")).isEqualTo(3);
    assertThat(number.isWhole()).isTrue();
    assertThat(number.wholeValue()).isEqualTo(-17);
    assertThat(read("17.0,")).isEqualTo(4);
    assertThat(number.isWhole()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", ".", "+.", "e5", "1e", "1e+", "x", "\"1\"", " 1", "--1", "nan"})
  void otherTextIsNotRead(String text) {
    assertThat(read(text + ",")).isEqualTo(-1);
  }

  @Test
  void pointWithoutDigitsIsReported() {
    for (String text : new String[] {"1.", "-1.e5"}) {
      assertThat(read(text + ",")).as(text).isEqualTo(text.length());
      assertThat(number.hasBarePoint()).as(text).isTrue();
    }
    for (String text : new String[] {"1", "1.0", ".5", "1e5"}) {
      assertThat(read(text + ",")).as(text).isEqualTo(text.length());
      assertThat(number.hasBarePoint()).as(text).isFalse();
    }
  }

  @Test
  void twoMillionNumbersAreTheNearestDoubles() {
    SplittableRandom random = new SplittableRandom(1);
    int left = 0;
    for (int i = 0; i < 2_000_000; i++) {
      String text =
          switch (i % 4) {
            case 0 -> Double.toString(random.nextDouble() * 2 - 1);
            case 1 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
            case 2 -> random.nextLong() + "e" + random.nextInt(-340, 310);
            default ->
                BigDecimal.valueOf(random.nextDouble())
                    .setScale(random.nextInt(1, 20), RoundingMode.HALF_UP)
                    .toPlainString();
          };
      int end = read(text + ",");
      if (end < 0) {
        left++;
        continue;
      }
      double expected = Double.parseDouble(text);
      if (end != text.length() || Double.compare(number.value(), expected) != 0) {
        assertThat(number.value()).as(text).isEqualTo(expected);
        assertThat(end).as(text).isEqualTo(text.length());
      }
    }
    // Infinities, NaN, subnormals and numbers out of range.
    assertThat(left).isLessThan(100_000);
  }

  @Test
  void halfwayRoundsToEven() {
    // 2^53 + 1 lies halfway between 2^53 and 2^53 + 2; ten times it needs the power −1.
    assertThat(DecimalNumber.nearest(90071992547409930L, -1)).isEqualTo(9007199254740992.0);
    assertThat(DecimalNumber.nearest(90071992547409950L, -1)).isEqualTo(9007199254740996.0);
    assertThat(DecimalNumber.nearest(9007199254740993L, 0)).isEqualTo(9007199254740992.0);
  }
}
