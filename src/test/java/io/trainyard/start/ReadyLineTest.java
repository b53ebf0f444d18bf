package io.trainyard.start;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadyLineTest {
  @ParameterizedTest
  @CsvSource({
    "'', embedded database",
    "jdbc:postgresql://db:5432/yard?user=me&password=secret, database postgresql://db:5432/yard",
    "jdbc:postgresql://me:secret@db/yard, database postgresql://db/yard",
    "jdbc:h2:file:/x/y;PASSWORD=secret, database h2:file:/x/y"
  })
  void databaseIsNamedWithoutItsSecrets(String url, String shown) {
    assertThat(ReadyLine.database(url)).isEqualTo(shown);
  }
}
