package io.trainyard.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnTypeTest {
  @Test
  void textsAreSortedByCodePoint() {
    // In UTF-16 the surrogates of U+1F600 come before U+FF21.
    assertThat(ColumnType.STRING.sorted(List.of("\uD83D\uDE00", "\uFF21", "b", "a")))
        .containsExactly("a", "b", "\uFF21", "\uD83D\uDE00");
  }

  @Test
  void numbersAreSortedBySize() {
    assertThat(ColumnType.INTEGER.sorted(List.of("10", "9", "-1")))
        .containsExactly("-1", "9", "10");
    assertThat(ColumnType.NUMBER.sorted(List.of("10", "9.5", "-1")))
        .containsExactly("-1", "9.5", "10");
  }
}
