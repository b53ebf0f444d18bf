package io.trainyard.train.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of an epoch's diagnostics. */
class SymptomTest {
  private static Map<String, Map<String, Double>> layers(String name, double first, double second) {
    Map<String, Map<String, Double>> layers = new LinkedHashMap<>();
    layers.put("first", Map.of(name, first));
    layers.put("last", Map.of(name, second));
    return layers;
  }

  @ParameterizedTest
  @CsvSource({
    "gradient_norm, 0.00009, 1, vanishes",
    "gradient_norm, 1001,    1, explodes",
    "update_ratio,  0.11,    0, lower learning_rate",
    "dead_units,    0.5,     0, dead",
    "saturation,    0.9,     0, saturated",
  })
  void aSymptomIsToldOfItsLayer(String name, double first, double second, String word) {
    assertThat(Symptom.of(layers(name, first, second)))
        .filteredOn(each -> each.startsWith("Layer 'first'"))
        .singleElement()
        .asString()
        .containsIgnoringCase(word);
  }

  @ParameterizedTest
  @CsvSource({
    "gradient_norm, 0.00011, 1",
    "gradient_norm, 0,       0",
    "gradient_norm, 999,     1",
    "gradient_norm, NaN,     1",
    "update_ratio,  0.09,    0",
    "dead_units,    0.49,    0",
    "saturation,    0.89,    0",
    "weight_norm,   1e9,     0",
  })
  void whatIsUsualIsNoSymptom(String name, double first, double second) {
    assertThat(Symptom.of(layers(name, first, second))).isEmpty();
  }

  @Test
  void aLaterEpochHasTheSameWords() {
    assertThat(Symptom.of(layers("dead_units", 0.7, 0)))
        .isEqualTo(Symptom.of(layers("dead_units", 0.9, 0)));
  }

  @Test
  void recordsStaySmall() {
    assertThat(Diagnosis.every(5, 20_000)).isEqualTo(1);
    assertThat(Diagnosis.every(5, 20_001)).isEqualTo(2);
    assertThat(Diagnosis.every(400, 1_000_000)).isEqualTo(4_000);
  }
}
