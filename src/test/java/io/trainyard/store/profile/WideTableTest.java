package io.trainyard.store.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.store.profile.RedundantColumns.Pair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of a profile that is computed in one pass over the values. */
class WideTableTest {
  private static final ValueCounter.Limits ESTIMATED = new ValueCounter.Limits(100, 1000, false);
  private static final ValueCounter.Limits EXACT = new ValueCounter.Limits(100, 1000, true);

  /** The tolerance is four standard errors of the estimate. */
  @ParameterizedTest
  @ValueSource(ints = {101, 3000, 6000, 50_000, 500_000})
  void manyValuesAreEstimated(int distinct) {
    ValueCounter counter = new ValueCounter(ESTIMATED);
    for (int i = 0; i < 2 * distinct; i++) {
      counter.add(Double.doubleToRawLongBits(i % distinct));
    }
    assertThat(counter.counted()).isNull();
    assertThat((double) counter.distinct()).isCloseTo(distinct, within(0.092 * distinct));
  }

  @Test
  void valuesAreCountedUpToTheLimitAndThenOnlyTheirNumber() {
    ValueCounter counter = new ValueCounter(EXACT);
    for (long i = 0; i < 300; i++) {
      counter.add(i % 100 - 50);
    }
    assertThat(Objects.requireNonNull(counter.counted()))
        .hasSize(100)
        .allMatch(counted -> counted.count() == 3);
    IntStream.range(1000, 9000).forEach(counter::add);
    assertThat(counter.counted()).isNull();
    assertThat(counter.distinct()).isEqualTo(8100);
  }

  @Test
  void longTextsAreNotKept() {
    ValueCounter counter = new ValueCounter(EXACT);
    counter.add("a".repeat(600));
    counter.add("a".repeat(600));
    assertThat(counter.counted()).hasSize(1);
    counter.add("b".repeat(600));
    assertThat(counter.counted()).isNull();
    assertThat(counter.distinct()).isEqualTo(2);
  }

  @Test
  void momentsJoinBlocks() {
    Moments moments = new Moments();
    double[] all = new Random(1).doubles(1000).map(x -> 1e9 + x).toArray();
    for (int from = 0; from < 1000; from += 100) {
      moments.add(java.util.Arrays.copyOfRange(all, from, from + 100), 100);
    }
    double mean = java.util.Arrays.stream(all).map(x -> x - 1e9).average().orElseThrow();
    double variance =
        java.util.Arrays.stream(all).map(x -> x - 1e9 - mean).map(x -> x * x).sum() / 1000;
    // A double near 1e9 has a spacing of 1.2e-7.
    assertThat(moments.mean()).isCloseTo(1e9 + mean, within(3e-7));
    assertThat(moments.std()).isCloseTo(Math.sqrt(variance), within(1e-7));
  }

  @Test
  void meanOfWholeNumbersIsExactBeyond64Bits() {
    Moments moments = new Moments();
    for (int i = 0; i < 10; i++) {
      moments.add(new long[] {Long.MAX_VALUE}, new double[] {Long.MAX_VALUE}, 1);
    }
    assertThat(moments.mean()).isEqualTo(0x1p63);
    for (int i = 0; i < 20; i++) {
      moments.add(new long[] {Long.MIN_VALUE}, new double[] {Long.MIN_VALUE}, 1);
    }
    assertThat(moments.mean()).isEqualTo(-0x1p63 / 3);
    Moments small = new Moments();
    small.add(new long[] {-3, -4}, new double[] {-3, -4}, 2);
    assertThat(small.mean()).isEqualTo(-3.5);
  }

  @Test
  void momentsBeyondADoubleAreMissing() {
    Moments moments = new Moments();
    moments.add(new double[] {1.7e308, -1.7e308}, 2);
    assertThat(moments.mean()).isZero();
    assertThat(moments.std()).isNull();
    assertThat(new Moments().mean()).isNull();
    assertThat(new Moments().std()).isNull();
  }

  /** A rank error of 2 % is four standard errors at the median of 10,000 numbers. */
  @Test
  void quantilesComeFromAnEvenSample() {
    QuantileSample sample = new QuantileSample(10_000);
    double[] block = new double[777];
    for (int from = 0; from < 1_000_000; from += 777) {
      for (int i = 0; i < 777; i++) {
        block[i] = (from + i) / 1e6;
      }
      sample.add(block, 777);
    }
    Map<String, Double> quantiles = Objects.requireNonNull(sample.quantiles());
    assertThat(quantiles).hasSize(5);
    quantiles.forEach(
        (level, x) -> assertThat(x).isCloseTo(Double.parseDouble(level), within(0.02)));
  }

  @Test
  void linearCandidatesAreThoseOfAllPairs() {
    Random random = new Random(4);
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      columns.add(column(-random.nextInt(40) / 25.0 - random.nextDouble() / 50, 2));
    }
    Set<Pair> expected = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      for (int j = i + 1; j < 300; j++) {
        double difference = low(columns.get(i)) - low(columns.get(j));
        if (Math.abs(difference) < 0.05) {
          expected.add(new Pair(i, j));
        }
      }
    }
    List<Integer> all = IntStream.range(0, 300).boxed().toList();
    List<Pair> found = new LinearCandidates(columns, all).pairs(100_000, pair -> true);
    assertThat(found).hasSameSizeAs(expected).containsAll(expected);
    assertThat(new LinearCandidates(columns, all).pairs(7, pair -> true))
        .isEqualTo(found.subList(0, 7));
  }

  /** A column with mean 0 and standard deviation 1. */
  private static Column column(double min, double max) {
    return new Column(
        "c",
        ColumnType.NUMBER,
        null,
        false,
        new ColumnProfile(0, 9, min, max, 0.0, 1.0, null, List.of(), List.of(), null));
  }

  private static double low(Column column) {
    return (Double) Objects.requireNonNull(column.profile().min());
  }

  @Test
  void mirroredColumnIsALinearCandidate() {
    List<Column> columns = List.of(column(-1, 3), column(0, 9), column(-3.01, 1.01));
    assertThat(new LinearCandidates(columns, List.of(0, 1, 2)).pairs(9, pair -> true))
        .containsExactly(new Pair(0, 2));
  }
}
