package io.trainyard.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClosenessTest {
  private static HostTensor of(double... elements) {
    return HostTensor.ofDoubles(Shape.of(elements.length), elements);
  }

  /** Of 10 and 100, a hundredth of the element, of the largest, or 0.5. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 10, -1",
    "0, 0, 0, 10.01, 0",
    "0.01, 0, 0, 10.1, -1",
    "0.01, 0, 0, 10.2, 0",
    "0, 0.01, 0, 10.9, -1",
    "0, 0.01, 0, 11.1, 0",
    "0.01, 0.01, 0, 11.05, -1",
    "0, 0, 0.5, 10.5, -1",
    "0, 0, 0.5, 10.6, 0",
    "1, 1, 1, NaN, 0"
  })
  void whatIsAllowedIsAdded(
      double ofElement, double ofLargest, double floor, double given, long place) {
    assertThat(
            new Closeness(ofElement, ofLargest, floor).firstDifference(of(10, 100), of(given, 100)))
        .isEqualTo(place);
  }

  @ParameterizedTest
  @CsvSource({"NaN, NaN, -1", "Infinity, Infinity, -1", "Infinity, -Infinity, 1", "1, NaN, 1"})
  void numbersThatAreNotFiniteAreEqualToThemselves(double wanted, double given, long place) {
    assertThat(new Closeness(0.1, 0.1, 0).firstDifference(of(1, wanted), of(1, given)))
        .isEqualTo(place);
  }
}
