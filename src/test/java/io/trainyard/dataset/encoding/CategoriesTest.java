package io.trainyard.dataset.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.ColumnType;
import java.util.List;
import org.junit.jupiter.api.Test;

class CategoriesTest {
  @Test
  void textsAreSortedByCodePoint() {
    // In UTF-16 the surrogates of U+1F600 come before U+FF21.
    assertThat(Categories.sorted(ColumnType.STRING, List.of("\uD83D\uDE00", "\uFF21", "b", "a")))
        .containsExactly("a", "b", "\uFF21", "\uD83D\uDE00");
  }

  @Test
  void numbersAreSortedBySize() {
    assertThat(Categories.sorted(ColumnType.INTEGER, List.of("10", "9", "-1")))
        .containsExactly("-1", "9", "10");
    assertThat(Categories.sorted(ColumnType.NUMBER, List.of("10", "9.5", "-1")))
        .containsExactly("-1", "9.5", "10");
  }

  @Test
  void aLongListIsCutShort() {
    assertThat(Categories.list(List.of("a", "b"))).isEqualTo("a, b");
    assertThat(Categories.list(List.of("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11")))
        .isEqualTo("1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1 more");
  }
}
