package io.trainyard.spec.weights;

import static io.trainyard.spec.Specs.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.weights.InitializerSpec.Constant;
import io.trainyard.spec.weights.InitializerSpec.EqualRows;
import io.trainyard.spec.weights.InitializerSpec.ForgetGate;
import io.trainyard.spec.weights.InitializerSpec.RandomSigns;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class InitializerSpecTest {
  private static final InitializerSpec FALLBACK = new Constant(7);

  @Test
  void everyInitializerHasAName() {
    List<Class<?>> named =
        Arrays.stream(InitializerSpec.Name.values())
            .<Class<?>>map(
                name -> read("'" + name.name().toLowerCase(Locale.ROOT) + "'").getClass())
            .toList();
    // Only the default of an LSTM's bias opens the forget gates; members of an ensemble have
    // theirs.
    assertThat(Objects.requireNonNull(InitializerSpec.class.getPermittedSubclasses()))
        .filteredOn(
            type -> !List.of(ForgetGate.class, RandomSigns.class, EqualRows.class).contains(type))
        .allMatch(named::contains);
  }

  @Test
  void aNameReadsAsAnObjectWithoutParameters() {
    for (InitializerSpec.Name name : InitializerSpec.Name.values()) {
      String word = "'" + name.name().toLowerCase(Locale.ROOT) + "'";
      assertThat(read(word)).isEqualTo(read("{'type': " + word + "}")).isNotEqualTo(FALLBACK);
    }
  }

  private static InitializerSpec read(String initializer) {
    Violations violations = new Violations();
    JsonObject layer = JsonObject.of(json("{'initializer': " + initializer + "}"), "", violations);
    InitializerSpec read = InitializerSpec.read(layer, "initializer", FALLBACK);
    violations.throwIfAny();
    return read;
  }
}
