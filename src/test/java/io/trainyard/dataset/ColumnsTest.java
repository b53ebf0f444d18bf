package io.trainyard.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnsTest {
  @Test
  void columnsAreFoundByNameAndKeepTheirOrder() {
    List<Column> given = List.of(column("a"), column("b"));
    Columns columns = Columns.of(given);
    assertThat(columns).isEqualTo(given);
    assertThat(columns.find("b")).contains(given.get(1));
    assertThat(columns.find("c")).isEmpty();
    assertThat(Columns.of(columns)).isSameAs(columns);
  }

  private static Column column(String name) {
    return new Column(
        name,
        ColumnType.NUMBER,
        null,
        false,
        new ColumnProfile(0, 1, 1.0, 1.0, 1.0, 0.0, null, List.of(), List.of(), null));
  }
}
