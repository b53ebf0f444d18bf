package io.trainyard.bench;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import io.trainyard.json.DecimalNumber;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * Compares {@link DecimalNumber} with the library fastdoubleparser on comma-separated numbers, as
 * the CSV reader meets them. Prints the median time of one number over several rounds; the two take
 * turns. Run by {@code src/bench/run numbers}.
 */
public final class NumberParsing {
  private static final int NUMBERS = 2_000_000;
  private static final int WARM_UP = 4;
  private static final int ROUNDS = 15;

  private NumberParsing() {}

  /** How the numbers of one comparison are written. */
  private enum Form {
    EIGHT_DIGITS,
    SMALL_INTEGERS,
    SEVENTEEN_DIGITS,
    EXPONENTS,
    MIXED;

    String write(Random random) {
      return switch (this) {
        case EIGHT_DIGITS ->
            new BigDecimal(random.nextGaussian()).round(new MathContext(8)).toPlainString();
        case SMALL_INTEGERS -> Integer.toString(random.nextInt(-1000, 1000));
        case SEVENTEEN_DIGITS -> Double.toString(random.nextGaussian());
        case EXPONENTS -> random.nextInt(100_000) + "e" + random.nextInt(-30, 30);
        case MIXED -> values()[random.nextInt(values().length - 1)].write(random);
      };
    }
  }

  /** Parses all numbers and gives their sum, by which both parsers can be compared. */
  private interface Parser {
    double sum(byte[] numbers, int length);
  }

  /** Takes no arguments. */
  public static void main(String[] args) {
    System.out.printf(
        Locale.ROOT, "JDK %s, ns for each number%n", System.getProperty("java.version"));
    for (Form form : Form.values()) {
      compare(form);
    }
  }

  private static void compare(Form form) {
    byte[] numbers = numbers(form);
    int length = numbers.length - DecimalNumber.MAX_LENGTH;
    double[] ours = new double[ROUNDS];
    double[] library = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      double first = time(NumberParsing::ours, numbers, length);
      double second = time(NumberParsing::library, numbers, length);
      if (round >= 0) {
        ours[round] = first;
        library[round] = second;
      }
    }
    if (ours(numbers, length) != library(numbers, length)) {
      throw new IllegalStateException("the parsers disagree");
    }
    System.out.printf(
        Locale.ROOT,
        "%-18s ours %6.1f   fastdoubleparser %6.1f%n",
        form.name().toLowerCase(Locale.ROOT),
        median(ours),
        median(library));
  }

  private static double time(Parser parser, byte[] numbers, int length) {
    long begin = System.nanoTime();
    double sum = parser.sum(numbers, length);
    long end = System.nanoTime();
    return Double.isNaN(sum) ? Double.NaN : (end - begin) / (double) NUMBERS;
  }

  private static double median(double[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }

  private static byte[] numbers(Form form) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < NUMBERS; i++) {
      text.append(form.write(random)).append(',');
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
    return Arrays.copyOf(bytes, bytes.length + DecimalNumber.MAX_LENGTH);
  }

  private static double ours(byte[] numbers, int length) {
    DecimalNumber number = new DecimalNumber();
    double sum = 0;
    for (int at = 0; at < length; ) {
      int end = number.read(numbers, at);
      if (end < 0) {
        end = comma(numbers, at);
        sum += Double.parseDouble(new String(numbers, at, end - at, StandardCharsets.US_ASCII));
      } else {
        sum += number.value();
      }
      at = end + 1;
    }
    return sum;
  }

  /** The library needs the length of a number before it starts. */
  private static double library(byte[] numbers, int length) {
    double sum = 0;
    for (int at = 0; at < length; ) {
      int end = comma(numbers, at);
      sum += JavaDoubleParser.parseDouble(numbers, at, end - at);
      at = end + 1;
    }
    return sum;
  }

  private static int comma(byte[] numbers, int from) {
    int at = from;
    while (numbers[at] != ',') {
      at++;
    }
    return at;
  }
}
