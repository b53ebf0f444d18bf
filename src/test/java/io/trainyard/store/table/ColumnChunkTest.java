package io.trainyard.store.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ServiceException;
import org.junit.jupiter.api.Test;

class ColumnChunkTest {
  @Test
  void capacityDoublesWithoutOverflow() {
    assertThat(ColumnChunk.capacity(64, 65)).isEqualTo(128);
    assertThat(ColumnChunk.capacity(64, 1000)).isEqualTo(1000);
    assertThat(ColumnChunk.capacity(1 << 29, (1 << 29) + 8L)).isEqualTo(1 << 30);
    assertThat(ColumnChunk.capacity((1 << 30) - 1, 1 << 30)).isEqualTo(1 << 30);
  }

  @Test
  void tooMuchTextIsRefused() {
    assertThatThrownBy(() -> ColumnChunk.capacity(1 << 30, (1L << 30) + (1 << 30)))
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("1024 MB of text");
  }
}
