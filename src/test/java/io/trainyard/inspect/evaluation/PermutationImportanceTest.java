package io.trainyard.inspect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** How much a loss grows, from losses that are known. */
class PermutationImportanceTest {
  private static PermutationImportance importance(int repeats) {
    return new PermutationImportance("importance", repeats, 5, null);
  }

  /** 1, 2 and 6 have the mean 3 and the deviations √(14/3) and √7; t is 4.3027 for two degrees. */
  @Test
  void meanDeviationAndIntervalAreThoseByHand() {
    double[] losses = {11, 12, 16};
    int[] asked = {0};
    ObjectNode json =
        importance(3)
            .measure(List.of("a"), 4, "loss", null, 10, (_, _) -> losses[asked[0]++], () -> false);
    assertThat(json.at("/columns/a/mean").doubleValue()).isEqualTo(3);
    assertThat(json.at("/columns/a/std").doubleValue())
        .isCloseTo(Math.sqrt(14.0 / 3), within(1e-12));
    double half = 4.302652729911 * Math.sqrt(7) / Math.sqrt(3);
    assertThat(json.at("/columns/a/interval/0").doubleValue()).isCloseTo(3 - half, within(1e-9));
    assertThat(json.at("/columns/a/interval/1").doubleValue()).isCloseTo(3 + half, within(1e-9));
  }

  @Test
  void everyColumnHasTheSameOrdersAndEachIsOne() {
    List<String> orders = new ArrayList<>();
    ObjectNode json =
        importance(2)
            .measure(
                List.of("a", "b"),
                6,
                "loss",
                null,
                0,
                (column, order) -> {
                  assertThat(Arrays.stream(order).sorted().toArray())
                      .isEqualTo(IntStream.range(0, 6).toArray());
                  orders.add(Arrays.toString(order));
                  return column.equals("b") ? 2 : 1;
                },
                () -> false);
    assertThat(orders).hasSize(4);
    assertThat(orders.subList(0, 2)).isEqualTo(orders.subList(2, 4));
    assertThat(orders.get(0)).isNotEqualTo(orders.get(1));
    assertThat(json.get("columns").propertyNames())
        .as("the largest first")
        .containsExactly("b", "a");
  }

  @Test
  void aLossThatIsNoNumberIsNull() {
    double[] losses = {11, Double.NaN, 16};
    int[] asked = {0};
    ObjectNode json =
        importance(3)
            .measure(List.of("a"), 4, "loss", "why", 10, (_, _) -> losses[asked[0]++], () -> false);
    assertThat(json.get("note").stringValue()).isEqualTo("why");
    for (String member : List.of("mean", "std", "interval")) {
      assertThat(json.at("/columns/a/" + member).isNull()).as(member).isTrue();
    }
  }

  @Test
  void permutingEndsWhenNobodyWaits() {
    int[] asked = {0};
    assertThatThrownBy(
            () ->
                importance(100)
                    .measure(List.of("a"), 3, "loss", null, 0, (_, _) -> 1, () -> asked[0]++ == 2))
        .isInstanceOf(CancellationException.class);
    assertThat(asked[0]).isEqualTo(3);
  }
}
