package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "7", "iris", "team-a.iris_2", "a..-_"})
  void namesHaveSmallLettersDigitsAndThreeSigns(String text) {
    assertThat(Names.isName(text)).isTrue();
    assertThat(Names.isName(text + "x".repeat(Names.LONGEST - text.length()))).isTrue();
    assertThat(Names.isName(text + "x".repeat(Names.LONGEST - text.length() + 1))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Iris", ".a", "-a", "_a", "a b", "a/b", "a*", "é", "a\n"})
  void otherTextsAreNone(String text) {
    assertThat(Names.isName(text)).isFalse();
  }
}
