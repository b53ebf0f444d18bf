package io.trainyard.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Expected values are numpy.histogram(values, bins=20) of NumPy 2.4.6. */
class HistogramTest {
  private static Map<String, Histogram> of(String name, String csv) {
    InMemoryDatasets datasets = new InMemoryDatasets();
    return Histogram.of(datasets, datasets.csv(name, csv));
  }

  @Test
  void countsAsNumPyDoes() {
    String rows =
        IntStream.range(0, 200)
            .mapToObj(i -> String.valueOf((i * i % 997) / 10.0))
            .collect(Collectors.joining("\n", "a\n", "\n"));
    Histogram histogram = Objects.requireNonNull(of("numbers", rows).get("a"));
    assertThat(histogram.counts())
        .containsExactly(16, 11, 12, 7, 12, 8, 11, 10, 13, 10, 6, 8, 11, 11, 10, 9, 7, 5, 12, 11);
    assertThat(histogram.edges()[0]).isEqualTo(0.0);
    assertThat(histogram.edges()[7]).isCloseTo(34.86, Offset.offset(1e-12));
    assertThat(histogram.edges()[20]).isEqualTo(99.6);
  }

  @Test
  void oneValueIsOneBinAndTextHasNone() {
    Map<String, Histogram> histograms = of("one", "a,b\n3,x\n3,y\n,z\n");
    assertThat(Objects.requireNonNull(histograms.get("a")).counts()).containsExactly(2);
    assertThat(histograms).containsOnlyKeys("a");
  }

  @Test
  void numbersOnEdgesBeginTheNextBin() {
    Histogram histogram =
        Objects.requireNonNull(
            of(
                    "edges",
                    IntStream.rangeClosed(0, 20)
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining("\n", "a\n", "\n")))
                .get("a"));
    assertThat(histogram.counts())
        .containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2);
  }
}
