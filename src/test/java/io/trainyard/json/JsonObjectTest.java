package io.trainyard.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonObjectTest {
  @Test
  void aLongListIsCutShort() {
    assertThat(JsonObject.shorten(List.of("a", "b"))).isEqualTo("a, b");
    assertThat(JsonObject.shorten(List.of("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11")))
        .isEqualTo("1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1 more");
  }
}
