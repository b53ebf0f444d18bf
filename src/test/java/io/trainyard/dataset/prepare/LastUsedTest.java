package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastUsedTest {
  private final LastUsed<Integer, Integer> kept = new LastUsed<>(3, 10, Integer::longValue);
  private final List<Integer> made = new ArrayList<>();

  private void use(int... sizes) {
    for (int size : sizes) {
      int _ =
          kept.get(
              size,
              () -> {
                made.add(size);
                return size;
              });
    }
  }

  @Test
  void whatWasUsedLongestAgoGoesFirst() {
    use(1, 2, 3, 1, 4, 1, 3, 2);
    assertThat(made).containsExactly(1, 2, 3, 4, 2);
  }

  @Test
  void largeValuesTakeTheRoomOfSeveral() {
    use(3, 4, 5, 4, 3);
    assertThat(made).as("4 and 5 fit, 3 does not").containsExactly(3, 4, 5, 3);
    use(11, 11, 3);
    assertThat(made).as("one beyond all room is never kept").containsExactly(3, 4, 5, 3, 11, 11);
  }
}
