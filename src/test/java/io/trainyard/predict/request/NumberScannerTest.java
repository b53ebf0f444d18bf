package io.trainyard.predict.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberScannerTest {
  @Test
  void numbersAreReadToTheLastBit() throws NumberScanner.Unexpected {
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      double x = Double.longBitsToDouble(random.nextLong());
      String text =
          switch (i % 6) {
            case 0 -> Double.toString(random.nextGaussian());
            case 1 -> Float.toString((float) random.nextGaussian());
            case 2 -> String.valueOf(random.nextInt());
            case 3 -> String.valueOf(random.nextLong());
            case 4 -> Double.isFinite(x) ? Double.toString(x) : "0";
            default -> String.format(Locale.ROOT, "%.17f", random.nextDouble());
          };
      assertThat(scanner(text).number()).as(text).isEqualTo(Double.parseDouble(text));
      float expected = (float) Double.parseDouble(text);
      if (Float.isFinite(expected)) {
        assertThat(scanner(text).floatNumber()).as(text).isEqualTo(expected);
      }
    }
  }

  @Test
  void floatsNextToTheMiddleOfTwoAreReadExactly() throws NumberScanner.Unexpected {
    Random random = new Random(8);
    for (int i = 0; i < 20_000; i++) {
      float below = (float) random.nextGaussian();
      double middle = ((double) below + Math.nextUp(below)) / 2;
      for (double x : new double[] {Math.nextDown(middle), middle, Math.nextUp(middle)}) {
        String text = Double.toString(x);
        assertThat(scanner(text).floatNumber()).as(text).isEqualTo((float) x);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "NaN",
        "Infinity",
        "1e999",
        "0x1",
        "\"1\"",
        "null",
        "true",
        "[1]",
        "--1",
        "-e1",
        "１"
      })
  void whatIsNoNumberIsLeftToOthers(String text) {
    assertThatThrownBy(
            () -> {
              NumberScanner scanner = scanner(text);
              scanner.number();
              scanner.expectEnd();
            })
        .isInstanceOf(NumberScanner.Unexpected.class);
  }

  @Test
  void signsZerosAndExponentsAreKept() throws NumberScanner.Unexpected {
    // A whole number has no sign of zero, for Jackson too.
    assertThat(1 / scanner("-0").number()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(1 / scanner("-0.0e5").number()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(scanner("0e-999999999").number()).isZero();
    assertThat(scanner("1E+2").number()).isEqualTo(100);
    assertThat(scanner("1e-400").number()).isZero();
    assertThat(scanner(" \t\r\n7").number()).isEqualTo(7);
    assertThat(scanner("0." + "0".repeat(400) + "1").number()).isZero();
    assertThat(scanner("1" + "0".repeat(300)).number()).isEqualTo(1e300);
  }

  @Test
  void aWholeNumberThatIsTooLongIsNotTheOneBefore() throws Exception {
    NumberScanner in = scanner("88 9223372036854775807");
    assertThat(in.whole()).isEqualTo(88);
    assertThatThrownBy(in::whole).isInstanceOf(NumberScanner.Unexpected.class);
    assertThat(scanner("-999999999999999999").whole()).isEqualTo(-999999999999999999L);
  }

  /** Members that a request may have beside its instances are of any kind. */
  @Test
  void aValueOfAnyKindIsSkipped() throws Exception {
    for (String value :
        List.of(
            "7",
            "\"a,b\"",
            "null",
            "[]",
            "{}",
            "[1, [2, 3], {\"a\": [4, 5]}]",
            "{\"a\": 1, \"b\": {\"c\": [true, false]}}")) {
      NumberScanner in = scanner(" " + value + " 42");
      assertThat(in.skipValue()).as(value).isEqualTo(1);
      assertThat(in.whole()).as("behind %s", value).isEqualTo(42);
    }
    for (String value : List.of("[1 2]", "[1,", "{\"a\" 1}", "{1: 2}", "[".repeat(17))) {
      assertThatThrownBy(() -> scanner(value).skipValue())
          .as(value)
          .isInstanceOf(NumberScanner.Unexpected.class);
    }
  }

  private static NumberScanner scanner(String text) {
    return new NumberScanner(text.getBytes(StandardCharsets.UTF_8));
  }
}
