package io.trainyard.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ExamplesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/dataset | \"houses\" | ; write {\"name\": \"houses\"}",
        "/dataset | \"100 %s\" | ; write {\"name\": \"100 %s\"}",
        "/dataset | 7 | ; write {\"name\": \"iris\"}",
        "/dataset | \"a name of more than sixty characters is not repeated in an example\" | ;"
            + " write {\"name\": \"iris\"}",
        "/training/ensemble | 3 | ; write {\"folds\": 3} or {\"seeds\": 3}",
        "/training/window | null | ; write {\"length\": 10}",
        "/model/inputs/x | [\"rooms\"] | ; write {\"columns\": [\"rooms\"]}",
        "/model/network/layers/0 | \"relu\" | ; write {\"type\": \"dense\", \"units\": 1}",
        "/model/network/bodies | 1 | ``",
      })
  void anExampleTakesWhatWasGivenWhereItFits(String pointer, String given, String advice) {
    assertThat(Examples.forObject(pointer, JsonMapper.shared().readTree(given))).isEqualTo(advice);
  }
}
